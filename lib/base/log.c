/* log: see log.h */
#include "base/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/journal/journal.h"
#include "base/text/json.h"

enum { LINE = 2000, JSON_TAIL = 2 };

static char program_name[32] = "savemms";
static int log_fd = STDERR_FILENO;
static atomic_bool as_json;
static _Thread_local char request_id[LOG_ID];

int
log_open(const char *program, const char *path)
{
	int fd;

	if (strcmp(program, program_name) != 0)
		(void)snprintf(program_name, sizeof program_name, "%s", program);
	if (path == NULL) {
		log_fd =
		    STDERR_FILENO; /* a file that was open stays so: a thread may write to it */
		return 0;
	}
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		log_warn("log file %s: %m; the log stays where it was", path);
		return -1;
	}
	/* threads may be writing: the file takes the number of the one before, in one step */
	if (log_fd != STDERR_FILENO && dup3(fd, log_fd, O_CLOEXEC) >= 0)
		(void)close(fd);
	else
		log_fd = fd;
	return 0;
}

void
log_as_json(bool on)
{
	as_json = on;
}

void
log_request(const char *id)
{
	(void)snprintf(request_id, sizeof request_id, "%s", id);
}

/* Appends s to line[*n] with control characters written as \xNN. */
static void
escape_into(char line[LINE], size_t *n, const char *s)
{
	for (; *s != '\0' && *n < LINE - 6; s++) {
		unsigned char c = (unsigned char)*s;

		if (c >= 0x20 && c != 0x7f)
			line[(*n)++] = (char)c;
		else
			*n += (size_t)snprintf(line + *n, 5, "\\x%02x", c);
	}
}

/* Writes the line without its line feed to out and returns its length, at most LINE - 1. */
static size_t
write_text(char out[LINE], const char *when, const char *level, const char *msg)
{
	int head = snprintf(out, LINE, "%s %s[%ld] %s%s%s: ", when, program_name, (long)getpid(),
	    level, request_id[0] != '\0' ? " " : "", request_id);
	size_t n = head > 0 ? (size_t)head : 0;

	escape_into(out, &n, msg);
	return n;
}

/* Does the same as a JSON object. */
static size_t
write_json(char out[LINE], const char *when, const char *level, const char *msg)
{
	char request[JSON_ROOM(LOG_ID)];
	size_t n;

	(void)json_quote(request, sizeof request, request_id);
	n = (size_t)snprintf(out, LINE,
	    "{\"time\":\"%s\",\"program\":\"%s\",\"pid\":%ld,\"level\":\"%s\"%s%s,\"message\":",
	    when, program_name, (long)getpid(), level, request_id[0] != '\0' ? ",\"request\":" : "",
	    request_id[0] != '\0' ? request : "");
	n += json_quote(out + n, LINE - n - JSON_TAIL, msg);
	out[n++] = '}';
	return n;
}

static void __attribute__((format(printf, 2, 0)))
emit(const char *level, const char *fmt, va_list ap)
{
	char when[CLOCK_TEXT], msg[LINE], line[LINE];
	size_t n;

	clock_iso(clock_now(), when);
	(void)vsnprintf(msg, sizeof msg, fmt, ap);
	if (log_fd == STDERR_FILENO && journal_there() &&
	    journal_send(program_name, level, request_id, msg))
		return;
	n = as_json ? write_json(line, when, level, msg) : write_text(line, when, level, msg);
	line[n++] = '\n';
	/* a log that cannot be written must not stop the service */
	if (write(log_fd, line, n) < 0 && log_fd != STDERR_FILENO)
		(void)!write(STDERR_FILENO, line, n);
}

#define EMIT(level)                   \
	do {                          \
		va_list ap;           \
		va_start(ap, fmt);    \
		emit(level, fmt, ap); \
		va_end(ap);           \
	} while (0)

void
log_info(const char *fmt, ...)
{
	EMIT("info");
}

void
log_warn(const char *fmt, ...)
{
	EMIT("warning");
}

void
log_error(const char *fmt, ...)
{
	EMIT("error");
}
