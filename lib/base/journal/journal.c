/* journal: see journal.h. Only this file includes libsystemd's header; configure may do
 * without the library. */
#include "base/journal/journal.h"

#ifdef HAVE_LIBSYSTEMD

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#define SD_JOURNAL_SUPPRESS_LOCATION /* the place in log.c tells nothing */
#include <systemd/sd-journal.h>

/* libsystemd reports success, and the line is lost, where this is missing */
static const char journal_socket[] = "/run/systemd/journal/socket";

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool there;

static void
find_out(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char ours[64];
	struct stat st;

	if (stream == NULL || fstat(STDERR_FILENO, &st) != 0)
		return;
	(void)snprintf(ours, sizeof ours, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	there = strcmp(stream, ours) == 0 && access(journal_socket, W_OK) == 0;
}

bool
journal_there(void)
{
	return pthread_once(&once, find_out) == 0 && there;
}

bool
journal_send(const char *program, const char *level, const char *request, const char *msg)
{
	int priority = strcmp(level, "error") == 0 ? LOG_ERR :
	    strcmp(level, "warning") == 0          ? LOG_WARNING :
						     LOG_INFO;

	return sd_journal_send("MESSAGE=%s", msg, "PRIORITY=%i", priority, "SYSLOG_IDENTIFIER=%s",
		   program, request[0] != '\0' ? "SAVEMMS_REQUEST=%s" : NULL, request, NULL) == 0;
}

#else

bool
journal_there(void)
{
	return false;
}

bool
journal_send(const char *program, const char *level, const char *request, const char *msg)
{
	(void)program;
	(void)level;
	(void)request;
	(void)msg;
	return false;
}

#endif
