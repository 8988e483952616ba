/*
 * admin: what the files of the operator's command share.
 *
 * A command is one function, named in the table of main.c. It gets its words
 * and options in a struct admin, with the instance's settings read and its
 * store open where the table says that it needs them, and returns the exit
 * status (savemms(1), Exit status): 0 done, 1 not done (stderr says why), 2 wrong usage.
 */
#ifndef SM_ADMIN_H
#define SM_ADMIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/settings.h"
#include "store/store.h"

enum { DONE = 0, NOT_DONE = 1, WRONG_USAGE = 2 };

enum option_id {
	OPT_ACCOUNT,
	OPT_ALL_DEAD,
	OPT_CGI,
	OPT_DATA,
	OPT_DEMO,
	OPT_DRY_RUN,
	OPT_FORCE,
	OPT_FROM,
	OPT_HANDSET,
	OPT_JSON,
	OPT_MODULE,
	OPT_OPERATOR,
	OPT_PARTIAL,
	OPT_PASSWORD,
	OPT_PASSWORD_STDIN,
	OPT_PORT,
	OPT_QUICK,
	OPT_SCRATCH,
	OPT_SERVER,
	OPT_BACKGROUND,
	OPT_CLASS,
	OPT_TO,
	OPT_KEEP,
	OPT_LOG,
	OPT_REPORT,
	OPT_REPORT_USER,
	OPT_RULES,
	OPT_USER,
	OPT_COUNT
};

struct admin {
	const char *conf;               /* what -C gave; NULL: SAVEMMS_CONF */
	const char *opt[OPT_COUNT];     /* "" for one without a value; NULL: not given */
	const char *data[MESSAGE_VARS]; /* what each --data gave, in their order */
	size_t ndata;
	int argc; /* words behind the command's name */
	char **argv;
	bool as_owner;     /* root, who works as the instance's owner (owner.h) */
	struct settings s; /* read for commands that need them */
	struct store *st;  /* open for commands that need it */
	struct arena *a;   /* ends with the command */
};

/* "savemms: " and the message on stderr; returns NOT_DONE. */
int fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same for a call of the store: "what: reason; what to do". */
int fail_store(enum store_rc rc, const char *what);

/* The same for settings that could not be read: err is what settings_read()
 * found wrong in path. */
int fail_settings(const char *path, const char *err);

/* The same for wrong words, with a pointer to the help; returns WRONG_USAGE. */
int wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* An MMSID or job number out of a word. False after printing what is wrong, when it is
 * none. */
bool word_id(const char *what, const char *word, uint64_t *id);

/* The variables of all --data name=value in m (m->var, sorted), in ad->a. False: what is
 * wrong has been printed. */
bool read_data(struct admin *ad, struct message *m);

/* Flushes stdout: DONE, or NOT_DONE and a message when it could not be written
 * (a full disk must not look like success). */
int finish(void);

int cmd_init(struct admin *ad);
int cmd_serve(struct admin *ad);
int cmd_account_add(struct admin *ad);
int cmd_account_set(struct admin *ad);
int cmd_account_list(struct admin *ad);
int cmd_account_show(struct admin *ad);
int cmd_account_rotate(struct admin *ad);
int cmd_account_remove(struct admin *ad);
int cmd_template_list(struct admin *ad);
int cmd_template_show(struct admin *ad);
int cmd_template_export(struct admin *ad);
int cmd_template_delete(struct admin *ad);
int cmd_job_list(struct admin *ad);
int cmd_job_show(struct admin *ad);
int cmd_job_retry(struct admin *ad);
int cmd_job_discard(struct admin *ad);
int cmd_message_list(struct admin *ad);
int cmd_message_show(struct admin *ad);
int cmd_send(struct admin *ad);
int cmd_status(struct admin *ad);
int cmd_backup(struct admin *ad);
int cmd_restore(struct admin *ad);
int cmd_check(struct admin *ad);
int cmd_image_add(struct admin *ad);
int cmd_image_list(struct admin *ad);
int cmd_image_show(struct admin *ad);
int cmd_image_render(struct admin *ad);
int cmd_image_remove(struct admin *ad);
int cmd_carrier(struct admin *ad);

#endif
