/*
 * upload: keeps a file that came with a form of the console until the form comes again.
 *
 * The file is a blob that nothing refers to yet; blob_upload.h remembers it for an hour after its
 * last use and counts it against the account's quota, console-keep-kb. The form names it by a
 * ticket, which is valid only for the session that sent the file.
 */
#ifndef SM_UPLOAD_H
#define SM_UPLOAD_H

#include "cgi/console/console.h"

enum { UPLOAD_NAME = 120 };

struct console_upload {
	const char *name; /* as the browser named it, made harmless; NULL: no file */
	const char *type; /* as the browser said, if a slide may have such a medium; else
	                     application/octet-stream */
	char sha[SHA256_HEX];
	uint64_t bytes;
};

/* Keeps the file of a form's field. out->name is NULL when the field has no file. Returns false
 * when the file cannot be kept, with what to tell the person in *why. */
bool console_upload_take(struct console *c, const char *field, struct console_upload *out,
    const char **why) __attribute__((warn_unused_result));

/* Counts a blob that the console makes for a form, as console_upload_take() does. */
bool console_upload_note(struct console *c, const char *sha, uint64_t bytes, const char **why)
    __attribute__((warn_unused_result));

/* What a ticket is good for: a file as it came, or a background that was made of one. A file must
 * not pass for a background, which nobody examines again. */
#define UPLOAD_FILE "file"
#define UPLOAD_BACKGROUND "background"

/* Returns the ticket of an upload, in the arena, or NULL when memory is short. */
const char *console_upload_ticket(struct console *c, const char *purpose,
    const struct console_upload *u);

/* Finds the file of a ticket. out->name is NULL when the ticket is not of this session or purpose,
 * or the file no longer exists. */
void console_upload_find(struct console *c, const char *purpose, const char *ticket,
    struct console_upload *out);

#endif
