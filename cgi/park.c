/*
 * park: see park.h
 *
 * A worker that waits in accept() has to be woken. A signal could hit it just after accept(), while
 * it reads what the web server sends, and the library would take that for the end of the
 * connection. So it gets a request at the listening socket, from this process, which names itself
 * by a variable that no web server sends.
 */
#include "cgi/park.h"

#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

enum { LISTEN = 0, LONGEST_US = 2 * 1000000, LOOK_NS = 5 * 1000000, WAKE_LOOKS = 40 };

/* The records of a request: its begin, with the role of a responder, its variable, and the ends of
 * variables and body. */
static const unsigned char request[] = "\1\1\0\1\0\10\0\0"
				       "\0\1\0\0\0\0\0\0"
				       "\1\4\0\1\0\17\0\0"
				       "\14\1" PARK_NAME "1"
				       "\1\4\0\1\0\0\0\0"
				       "\1\5\0\1\0\0\0\0";
_Static_assert(sizeof PARK_NAME - 1 == 014, "the lengths above are right");

static atomic_bool wanted;
static atomic_uint parked; /* those that have left included */

static void
doze(void)
{
	const struct timespec nap = { .tv_nsec = LOOK_NS };

	(void)nanosleep(&nap, NULL);
}

void
park_here(void)
{
	if (!wanted)
		return;
	atomic_fetch_add(&parked, 1);
	while (wanted)
		doze();
	atomic_fetch_sub(&parked, 1);
}

void
park_leave(void)
{
	atomic_fetch_add(&parked, 1);
}

/* Wakes up to n workers that wait in accept(), as many as the backlog takes. */
static void
wake(unsigned n)
{
	struct sockaddr_storage at;
	socklen_t len = sizeof at;

	if (getsockname(LISTEN, (struct sockaddr *)&at, &len) != 0)
		return;
	while (n-- > 0) {
		int fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

		if (fd >= 0 && connect(fd, (struct sockaddr *)&at, len) == 0)
			(void)!send(fd, request, sizeof request - 1, MSG_NOSIGNAL);
		file_close(&fd);
	}
}

bool
park_all(unsigned n)
{
	int64_t until = clock_mono() + LONGEST_US;
	unsigned now;

	wanted = true;
	for (unsigned look = 0; (now = parked) < n && clock_mono() < until; look++) {
		if (look % WAKE_LOOKS == 0) /* again, for those that a full backlog left waiting */
			wake(n - now);
		doze();
	}
	if (now == n)
		return true;
	wanted = false;
	return false;
}
