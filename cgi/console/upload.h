/*
 * upload: a file a form of the console brought, kept until the form comes again.
 *
 * It is a blob that nothing refers to yet: the sweep removes it when it is a day old. The
 * form names it by a ticket, which is good for the session that brought it only.
 */
#ifndef SM_UPLOAD_H
#define SM_UPLOAD_H

#include "cgi/console/console.h"

enum { UPLOAD_NAME = 120 };

struct console_upload {
	const char *name; /* as the browser called it, made harmless; NULL: there is none */
	const char *type; /* as the browser said, where a slide may hold such; else
	                     application/octet-stream */
	char sha[SHA256_HEX];
	uint64_t bytes;
};

/* Takes the file of a field in. out->name is NULL when there was none. False: it could not
 * be kept (logged). */
bool console_upload_take(struct console *c, const char *field, struct console_upload *out)
    __attribute__((warn_unused_result));

/* The ticket; NULL: memory is short. */
const char *console_upload_ticket(struct console *c, const struct console_upload *u);

/* The file that a ticket stands for, if the session may have it and it is still there. */
void console_upload_find(struct console *c, const char *ticket, struct console_upload *out);

#endif
