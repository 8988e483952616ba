/* say: see say.h */
#include "admin/say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/table.h"
#include "base/log.h"
#include "base/num.h"

enum { LINE = 16384 };

static void print_message(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

void
say_line(const char *fmt, va_list ap)
{
	char line[LINE] = "";

	(void)fflush(stdout);
	(void)vsnprintf(line, sizeof line, fmt, ap);
	text_print(stderr, line);
	(void)fputc('\n', stderr);
}

static void
print_message(const char *fmt, va_list ap)
{
	(void)fflush(stdout);
	(void)fputs("savemms: ", stderr);
	say_line(fmt, ap);
}

int
fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_message(fmt, ap);
	va_end(ap);
	return NOT_DONE;
}

int
wrong(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_message(fmt, ap);
	va_end(ap);
	(void)fputs(
	    "savemms: 'savemms help' lists the commands, 'savemms COMMAND --help' explains one\n",
	    stderr);
	return WRONG_USAGE;
}

/* Returns what an operator can do about a failure of the store. */
static const char *
advice(enum store_rc rc)
{
	switch (rc) {
	case ST_OK:
	case ST_NOTFOUND:
	case ST_EXISTS:
		return "";
	case ST_CONFLICT:
		return "; someone else changed it meanwhile: run the command again";
	case ST_AGAIN:
	case ST_REPEAT:
		return "; it is busy or being recovered: run the command again in a few seconds";
	case ST_FULL:
		return "; free disk space or lower reserve-mb in savemms.conf";
	case ST_SCHEMA:
		return "; use a savemms at least as new as the one that wrote it";
	case ST_CORRUPT:
		return "; stop the web server and the helper and put a copy of the instance back";
	case ST_NOMEM:
		return "; give the machine more memory";
	case ST_IO:
		return "; the log of the instance says more";
	}
	return "";
}

int
fail_store(enum store_rc rc, const char *what)
{
	return fail("%s: %s%s", what, store_rc_text(rc), advice(rc));
}

int
fail_settings(const char *path, const char *err)
{
	char conf[INSTANCE_PATH + 16];
	const char *advice = "";
	struct stat st;

	(void)snprintf(conf, sizeof conf, "%s%s", path,
	    stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? "/savemms.conf" : "");
	if (access(conf, R_OK) != 0 && errno == ENOENT)
		advice = "; 'savemms init DIR' makes an instance";
	else if (access(conf, R_OK) != 0 && errno == EACCES)
		advice = "; only the owner of an instance, and root, can use it";
	return fail("%s%s", err, advice);
}

bool
word_id(const char *what, const char *word, uint64_t *id)
{
	if (num_u64(word, 1, UINT64_MAX, id))
		return true;
	(void)wrong("'%s' is not %s, which is a number from 1 on", word, what);
	return false;
}

int
finish(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return DONE;
	return fail("could not write the output: look for a full disk or a closed pipe");
}
