/*
 * admin: what a command gets: its words and options, and the instance it works on.
 */
#ifndef SM_ADMIN_H
#define SM_ADMIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/settings.h"
#include "store/store.h"

/* The exit status of a command, and what most functions of these folders return. */
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
	OPT_MAP,
	OPT_MODULE,
	OPT_OPERATOR,
	OPT_PARTIAL,
	OPT_PASSWORD,
	OPT_PASSWORD_STDIN,
	OPT_PORT,
	OPT_POSTERS,
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
	OPT_URL,
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

#endif
