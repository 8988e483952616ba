/* carrier_log: the part of carrier.h that writes the log and keeps files. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "admin/carrier/carrier.h"
#include "base/file.h"

enum { LINE = 1 << 16, PATH = 4096 };

void
carrier_line_start(struct carrier_line *l, const char *word)
{
	buf_init(&l->b, LINE);
	buf_adds(&l->b, word);
}

void
carrier_line_add(struct carrier_line *l, const char *name, const char *value)
{
	bool quote = value[0] == '\0' || strpbrk(value, " \"=\\") != NULL;

	buf_printf(&l->b, " %s=", name);
	if (quote)
		buf_addc(&l->b, '"');
	for (; *value != '\0'; value++) {
		unsigned char ch = (unsigned char)*value;

		if (ch < 0x20 || ch == 0x7f)
			buf_printf(&l->b, "\\x%02x", ch);
		else if (ch == '"' || ch == '\\')
			buf_printf(&l->b, "\\%c", ch);
		else
			buf_addc(&l->b, (char)ch);
	}
	if (quote)
		buf_addc(&l->b, '"');
}

void
carrier_line_add_u64(struct carrier_line *l, const char *name, uint64_t value)
{
	buf_printf(&l->b, " %s=%" PRIu64, name, value);
}

void
carrier_line_end(struct sim *c, struct carrier_line *l)
{
	/* a line that is too long is cut; that it could not be written shows in the end */
	(void)pthread_mutex_lock(&c->lock);
	(void)fprintf(c->log, "%s\n", buf_str(&l->b));
	(void)fflush(c->log);
	(void)pthread_mutex_unlock(&c->lock);
	buf_free(&l->b);
}

/* Not synced: these files are for looking at, and two syncs a message would set the pace. */
static bool
write_file(const char *path, const void *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && file_write(fd, p, n) == 0;

	file_close(&fd);
	return ok;
}

void
carrier_keep(struct sim *c, const char *id, const char *ending, const void *p, size_t n)
{
	struct carrier_line l;
	char path[PATH];

	if (c->keep == NULL)
		return;
	errno = ENAMETOOLONG;
	if ((size_t)snprintf(path, sizeof path, "%s/%s.%s", c->keep, id, ending) < sizeof path &&
	    write_file(path, p, n))
		return;
	carrier_line_start(&l, "not-kept");
	carrier_line_add(&l, "file", path);
	carrier_line_add(&l, "why", strerror(errno));
	carrier_line_end(c, &l);
}
