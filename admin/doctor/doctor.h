/*
 * doctor: checks of an instance, and how they run.
 *
 * A check looks at something and adds findings to its report. Checks run side by side in threads.
 * They change nothing that lasts, send no message and no postback, and show no secret.
 */
#ifndef SM_DOCTOR_H
#define SM_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "model/settings.h"
#include "ops/finding.h"
#include "store/store.h"

enum { DOCTOR_REPORT = 48 }; /* most findings of one check */

/* What all checks share; they only read it. */
struct doctor {
	struct settings settings;
	const char *url;    /* where the server is reached: --url, else base-url; "": not known */
	struct store *st;   /* NULL: it could not be opened */
	const char *st_err; /* why */
};

struct doctor_report {
	size_t n;
	struct finding f[DOCTOR_REPORT];
};

/* Adds a finding of this name and returns it for a rule (rule.h) to fill in. Further ones
 * of a report that is full replace the last. */
struct finding *doctor_add(struct doctor_report *r, const char *name);

typedef void doctor_check(const struct doctor *d, struct doctor_report *r);

struct check {
	const char *name;
	doctor_check *look;
	unsigned seconds; /* how long it may take */
};

/* Runs the n checks side by side and adds their findings to *all in the order of the table. A check
 * that takes too long is given up: it becomes a warning, and its thread goes on. Calls
 * progress(done, n) now and then. Returns false if a thread still runs: the caller must then end
 * with _exit(), and free nothing that the checks share. */
bool doctor_run(const struct doctor *d, const struct check *check, size_t n, struct findings *all,
    void (*progress)(size_t done, size_t n));

/* doctor_instance.c */
doctor_check check_rights;
doctor_check check_store;
doctor_check check_queue;
doctor_check check_helper;
doctor_check check_disk;
/* doctor_machine.c */
doctor_check check_fonts;
doctor_check check_needs;
/* doctor_codecs.c */
doctor_check check_codecs;
/* doctor_server.c */
doctor_check check_server;
doctor_check check_dns;
/* doctor_out.c */
doctor_check check_outgoing;
doctor_check check_postbacks;
doctor_check check_transports;

#endif
