/*
 * fill: @NAME@ in a text replaced by values.
 */
#ifndef SM_FILL_H
#define SM_FILL_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

struct fill {
	const char *name; /* capitals, digits and _ */
	const char *value;
};

enum { FILL_ERR = 128 };

/* Appends text to out with each @NAME@ replaced. A name that is not among the n
 * of f is an error, so a template can never leave one in a configuration: false
 * and the reason in err. An @ that begins no name stays. Check buf_ok(). */
bool fill_text(struct buf *out, const char *text, const struct fill *f, size_t n,
    char err[FILL_ERR]) __attribute__((warn_unused_result));

/* May the path stand in a web server's configuration? Blanks, quotes and what
 * a server expands ($ % \ and the like) may not: letters, digits, bytes above
 * 0x7f and / . _ - + : , = ~ may. */
bool fill_path_ok(const char *path);

#endif
