/* transcode_next: see transcode_next.h */
#include "media/transcode_next.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"

ssize_t
transcode_next(int fd, int64_t until, struct transcode_result *res)
{
	for (;;) {
		int64_t left = (until - clock_mono()) / 1000;
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t n;

		if (left <= 0 || poll(&p, 1, left < 60000 ? (int)left + 1 : 60000) < 0) {
			if (left <= 0 || errno != EINTR)
				return -1;
			continue;
		}
		if (p.revents == 0)
			continue;
		n = recv(fd, res, sizeof *res, MSG_DONTWAIT);
		if (n >= 0)
			return n;
		if (errno != EINTR && errno != EAGAIN)
			return 0;
	}
}
