/*
 * static_file: serves style sheets, scripts and plain forms from the installation's share/www.
 * This program serves them itself, so the console needs nothing of the web server but its
 * path.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/where.h"
#include "cgi/console/console.h"

void
console_file(struct console *c)
{
	char share[INSTANCE_PATH], path[INSTANCE_PATH + 32];
	const char *dot = strrchr(c->path, '.');

	where_share(share, sizeof share);
	/* the path equals one of the table's */
	(void)snprintf(path, sizeof path, "%s/www%s", share, c->path);
	if ((c->answer->fd = open(path, O_RDONLY | O_CLOEXEC)) < 0) {
		log_error("%s: %s", path, strerror(errno));
		console_refuse(c, 404, "Not found", "This file of the installation is missing.");
		return;
	}
	if (strcmp(dot, ".css") == 0)
		c->answer->type = "text/css; charset=utf-8";
	else if (strcmp(dot, ".js") == 0)
		c->answer->type = "text/javascript; charset=utf-8";
	c->answer->cache = "public, max-age=3600";
}

/* The forms send to API/wxml/1.3/ beside them, which is right where a web server offers them beside
 * the API. Seen through the console, the API is one folder up: the browser sends the form there. */
void
console_to_api(struct console *c)
{
	console_go(c, "%s", "../API/wxml/1.3/");
	c->answer->status = 307;
}
