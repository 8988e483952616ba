/*
 * finding: see finding.h. The file's first line is the time in microseconds. Every other line is a
 * finding, its four members separated by tabs, which no member has.
 */
#include "ops/finding.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/num.h"

enum { FILE_CAP = 256 << 10 };

static const char file[] = "run/doctor";

const char *
finding_level_name(enum finding_level level)
{
	static const char *const names[FINDING_LEVELS] = { "ok", "warning", "failed" };

	return names[level];
}

size_t
findings_count(const struct findings *all, enum finding_level level)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		n += all->f[i].level == level;
	return n;
}

/* Appends the text with its control characters as '?'. */
static void
add_cell(struct buf *b, const char *text, char end)
{
	for (; *text != '\0'; text++)
		buf_addc(b, (unsigned char)*text < 0x20 ? '?' : *text);
	buf_addc(b, end);
}

int
findings_save(const struct settings *s, const struct findings *all)
{
	char path[INSTANCE_PATH];
	struct buf b;
	int rc = -1;

	buf_init(&b, FILE_CAP);
	buf_printf(&b, "%" PRId64 "\n", all->when);
	for (size_t i = 0; i < all->n; i++) {
		const struct finding *f = &all->f[i];

		add_cell(&b, finding_level_name(f->level), '\t');
		add_cell(&b, f->name, '\t');
		add_cell(&b, f->fact, '\t');
		add_cell(&b, f->remedy, '\n');
	}
	settings_path(s, file, path, sizeof path);
	if (buf_ok(&b))
		rc = file_replace(path, buf_str(&b), b.len);
	else
		errno = ENOMEM;
	buf_free(&b);
	return rc;
}

/* Copies what stands before the character end to out, which has size bytes, and moves *p behind
 * it. Returns false if it is not there or too long. */
static bool
take_cell(const char **p, char end, char *out, size_t size)
{
	const char *stop = strchr(*p, end);
	size_t n = stop != NULL ? (size_t)(stop - *p) : size;

	if (n >= size || memchr(*p, '\n', n) != NULL)
		return false;
	memcpy(out, *p, n);
	out[n] = '\0';
	*p = stop + 1;
	return true;
}

static bool
take_finding(const char **p, struct finding *f)
{
	char level[FINDING_NAME];

	if (!take_cell(p, '\t', level, sizeof level) ||
	    !take_cell(p, '\t', f->name, sizeof f->name) ||
	    !take_cell(p, '\t', f->fact, sizeof f->fact) ||
	    !take_cell(p, '\n', f->remedy, sizeof f->remedy))
		return false;
	for (int i = 0; i < FINDING_LEVELS; i++)
		if (strcmp(level, finding_level_name((enum finding_level)i)) == 0) {
			f->level = (enum finding_level)i;
			return true;
		}
	return false;
}

static bool
parse(const char *p, struct findings *out)
{
	char when[24];
	uint64_t us;

	if (!take_cell(&p, '\n', when, sizeof when) || !num_u64(when, 0, INT64_MAX, &us))
		return false;
	out->when = (int64_t)us;
	for (out->n = 0; *p != '\0'; out->n++)
		if (out->n == FINDINGS_MAX || !take_finding(&p, &out->f[out->n]))
			return false;
	return true;
}

int
findings_load(const struct settings *s, struct findings *out)
{
	struct arena *a = arena_new(FILE_CAP * 2);
	char path[INSTANCE_PATH];
	const char *text;
	int err = ENOMEM;

	settings_path(s, file, path, sizeof path);
	if (a != NULL) {
		text = file_slurp(a, path, FILE_CAP, NULL);
		err = text == NULL ? errno : parse(text, out) ? 0 : EINVAL;
	}
	arena_free(&a);
	errno = err;
	return err == 0 ? 0 : -1;
}
