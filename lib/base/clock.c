/* clock: see clock.h */
#include "base/clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/ascii.h"

static int64_t
read_clock(clockid_t id)
{
	struct timespec ts;

	(void)clock_gettime(id, &ts); /* cannot fail for these two clocks */
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t
clock_now(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t
clock_mono(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

bool
clock_boot(char out[CLOCK_BOOT])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, out, CLOCK_BOOT - 1);

	if (fd >= 0)
		(void)close(fd);
	if (n <= 0)
		return false;
	memset(out + n, 0, (size_t)(CLOCK_BOOT - n));
	out[strcspn(out, "\n")] = '\0';
	return true;
}

void
clock_iso(int64_t us, char out[CLOCK_TEXT])
{
	time_t t = (time_t)(us / 1000000);
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(out, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%S+00:00", &tm) == 0)
		out[0] = '\0';
}

/* Reads exactly n digits and moves *s past them. Returns their value, or -1 when they are
 * missing. */
static int
digits(const char **s, int n)
{
	int v = 0;

	while (n-- > 0) {
		if (**s < '0' || **s > '9')
			return -1;
		v = v * 10 + (*(*s)++ - '0');
	}
	return v;
}

/* Reads "", "Z" or "+hh[[:]mm]", where the + may have become a blank, and sets *off to the seconds
 * east of UTC. Returns false for another form. */
static int
offset(const char *s, long *off)
{
	int sign = *s == '-' ? -1 : 1, h, m;

	*off = 0;
	if (strcmp(s, "") == 0 || strcmp(s, "Z") == 0)
		return 1;
	if (*s != '+' && *s != '-' && *s != ' ')
		return 0;
	s++;
	if ((h = digits(&s, 2)) < 0 || h > 14)
		return 0;
	if (*s == '\0') {
		*off = sign * h * 3600L;
		return 1;
	}
	if (*s == ':')
		s++;
	if ((m = digits(&s, 2)) < 0 || m > 59 || *s != '\0')
		return 0;
	*off = sign * (h * 3600L + m * 60L);
	return 1;
}

int64_t
clock_parse(const char *s)
{
	struct tm tm = { 0 };
	long off = 0;
	time_t t;
	int day;

	if ((tm.tm_year = digits(&s, 4)) < 1970 || *s++ != '-' || (tm.tm_mon = digits(&s, 2)) < 1 ||
	    tm.tm_mon > 12 || *s++ != '-' || (tm.tm_mday = digits(&s, 2)) < 1 || tm.tm_mday > 31)
		return -1;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	day = tm.tm_mday;
	if (*s == 'T' || *s == ' ') {
		s++;
		if ((tm.tm_hour = digits(&s, 2)) < 0 || tm.tm_hour > 23 || *s++ != ':' ||
		    (tm.tm_min = digits(&s, 2)) < 0 || tm.tm_min > 59)
			return -1;
		if (*s == ':') {
			s++;
			if ((tm.tm_sec = digits(&s, 2)) < 0 || tm.tm_sec > 60)
				return -1;
			if ((*s == '.' || *s == ',') && s[1] >= '0' && s[1] <= '9')
				s += 1 + strspn(s + 1, ASCII_DIGITS);
		}
		if (!offset(s, &off))
			return -1;
	} else if (*s != '\0') {
		return -1;
	}
	if ((t = timegm(&tm)) == (time_t)-1 || tm.tm_mday != day) /* such as 30 February */
		return -1;
	return ((int64_t)t - off) * 1000000;
}
