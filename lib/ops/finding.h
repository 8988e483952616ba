/*
 * finding: what "savemms doctor" found out about one thing, and the file in which the last run
 * stays for the console.
 */
#ifndef SM_FINDING_H
#define SM_FINDING_H

#include <stddef.h>
#include <stdint.h>

#include "model/settings.h"

enum finding_level { FINDING_OK, FINDING_WARNING, FINDING_FAILED, FINDING_LEVELS };

enum { FINDING_NAME = 24, FINDING_TEXT = 400, FINDINGS_MAX = 160 };

struct finding {
	enum finding_level level;
	char name[FINDING_NAME];   /* of what was looked at, such as "disk" */
	char fact[FINDING_TEXT];   /* what is the case */
	char remedy[FINDING_TEXT]; /* what to do about it; "": nothing */
};

/* All that one run found out. */
struct findings {
	int64_t when; /* clock_now() */
	size_t n;
	struct finding f[FINDINGS_MAX];
};

const char *finding_level_name(enum finding_level level); /* "ok", "warning" or "failed" */

/* Returns how many findings have this level. */
size_t findings_count(const struct findings *all, enum finding_level level);

/* Replaces run/doctor of the instance with these findings. Returns 0, or -1 with errno set. */
int findings_save(const struct settings *s, const struct findings *all)
    __attribute__((warn_unused_result));

/* Reads that file. Returns 0, or -1 with errno set: ENOENT if doctor has never run, EINVAL for a
 * file of another form. */
int findings_load(const struct settings *s, struct findings *out)
    __attribute__((warn_unused_result));

#endif
