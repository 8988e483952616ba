/*
 * fill: replaces each @NAME@ in a text by its value.
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

/* Appends text to out with each @NAME@ replaced. On a name that is not among the n of f, returns
 * false with the reason in err, so a template can never leave a name in a configuration. An @ that
 * does not begin a name stays. The caller checks buf_ok(). */
bool fill_text(struct buf *out, const char *text, const struct fill *f, size_t n,
    char err[FILL_ERR]) __attribute__((warn_unused_result));

/* Returns whether the path can stand in a web server's configuration. Letters, digits, bytes above
 * 0x7f and / . _ - + : , = ~ can; blanks, quotes and what a server expands ($ % \ and the like)
 * cannot. */
bool fill_path_ok(const char *path);

#endif
