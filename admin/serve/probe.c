/* probe: see probe.h */
#include "admin/serve/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/file.h"

enum { ANSWER = 8192, PATIENCE_S = 2 };

static struct sockaddr_in
loopback(unsigned port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return sin;
}

bool
probe_is_ours(const char *answer, char summary[PROBE_SUMMARY])
{
	size_t line = strcspn(answer, "\r\n");

	(void)snprintf(summary, PROBE_SUMMARY, "%.*s",
	    (int)(line < PROBE_SUMMARY ? line : PROBE_SUMMARY - 1), answer);
	if (strncmp(answer, "HTTP/1.", 7) != 0) {
		(void)snprintf(summary, PROBE_SUMMARY, "%s",
		    line == 0 ? "an empty answer" : "an answer that is not HTTP");
		return false;
	}
	return line > 8 && strncmp(answer + 8, " 200", 4) == 0 &&
	    strstr(answer, "<ERRORCODE>E100</ERRORCODE>") != NULL;
}

/* Sends the request and reads until the server closes the connection. */
static int
exchange(int fd, unsigned port, char answer[ANSWER])
{
	char req[128];
	size_t got = 0;
	ssize_t n;

	(void)snprintf(req, sizeof req,
	    "GET /API/wxml/1.3/ HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
	    "Connection: close\r\n\r\n",
	    port);
	if (send(fd, req, strlen(req), MSG_NOSIGNAL) != (ssize_t)strlen(req))
		return -1;
	while (got < ANSWER - 1 && (n = recv(fd, answer + got, ANSWER - 1 - got, 0)) != 0) {
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0)
			got += (size_t)n;
	}
	answer[got] = '\0';
	return 0;
}

bool
probe_api(unsigned port, char summary[PROBE_SUMMARY])
{
	struct timeval patience = { .tv_sec = PATIENCE_S };
	struct sockaddr_in sin = loopback(port);
	char answer[ANSWER];
	bool ours = false;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0 ||
	    connect(fd, (const struct sockaddr *)(const void *)&sin, sizeof sin) != 0 ||
	    exchange(fd, port, answer) != 0)
		(void)snprintf(summary, PROBE_SUMMARY, "%s", strerror(errno));
	else
		ours = probe_is_ours(answer, summary);
	file_close(&fd);
	return ours;
}

unsigned
probe_free_port(unsigned port)
{
	struct sockaddr_in sin = loopback(port);
	socklen_t len = sizeof sin;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	unsigned got = 0;

	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
	    bind(fd, (const struct sockaddr *)(const void *)&sin, sizeof sin) == 0 &&
	    getsockname(fd, (struct sockaddr *)(void *)&sin, &len) == 0)
		got = ntohs(sin.sin_port);
	file_close(&fd);
	return got;
}
