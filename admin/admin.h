/*
 * admin: what the files of the operator's command share.
 *
 * A command is one function, named in the table of main.c. It gets its words and options in a
 * struct admin. If the table says that the command needs them, main.c has read the instance's
 * settings and opened its store. The command returns the exit status (savemms(1), Exit status):
 * 0 done, 1 not done (stderr says why), 2 wrong usage.
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
	const char *conf;               /* value of -C; NULL: SAVEMMS_CONF */
	const char *opt[OPT_COUNT];     /* "" for an option without a value; NULL: not given */
	const char *data[MESSAGE_VARS]; /* the values of --data, in order */
	size_t ndata;
	int argc; /* words after the command's name */
	char **argv;
	bool as_owner;     /* root works as the instance's owner (owner.h) */
	struct settings s; /* for commands that need them */
	struct store *st;  /* open, for commands that need it */
	struct arena *a;   /* freed when the command ends */
};

/* Prints "savemms: " and the message on stderr. Returns NOT_DONE. */
int fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Does the same for a failed call of the store: "what: reason; what to do". */
int fail_store(enum store_rc rc, const char *what);

/* Does the same for settings that could not be read: err is what settings_read() found wrong in
 * path. */
int fail_settings(const char *path, const char *err);

/* Does the same for wrong words and points to the help. Returns WRONG_USAGE. */
int wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Reads an MMSID, or another id, from a word; what names its kind in the message. If the word is
 * not an id, prints what is wrong and returns false. */
bool word_id(const char *what, const char *word, uint64_t *id);

/* Puts the variables of all --data name=value into m (m->var, sorted); their memory is ad->a's. On
 * failure prints what is wrong and returns false. */
bool read_data(struct admin *ad, struct message *m);

/* Flushes stdout. Returns DONE; if stdout could not be written, prints a message and returns
 * NOT_DONE (a full disk must not look like success). */
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
