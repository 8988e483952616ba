/*
 * savemms.fcgi: the program behind the web server. See savemms.fcgi(8).
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/successor.h"
#include "base/where.h"
#include "cgi/app.h"
#include "cgi/fcgi.h"

static int
usage(FILE *f, int rc)
{
	(void)
	    fputs("usage: savemms.fcgi [--help | --version]\n"
		  "Started by a web server, as FastCGI (listening socket on descriptor 0) or CGI.\n"
		  "SAVEMMS_CONF in its environment names the instance. See savemms.fcgi(8).\n",
		f);
	return rc;
}

int
main(int argc, char **argv)
{
	static struct app app;
	int rc;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout, 0);
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return printf("savemms.fcgi %s\n", PACKAGE_VERSION) < 0;
	if (argc > 1)
		return usage(stderr, 2);
	successor_watch(argv[0]);
	(void)umask(077);
	(void)mallopt(M_ARENA_MAX, 2); /* threads mostly wait: two heaps save memory */
	(void)log_open("savemms.fcgi", NULL);
	if (!where_set_environment())
		return 1;
	rc = fcgi_main(&app);
	app_end(&app);
	return rc;
}
