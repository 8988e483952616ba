/*
 * savemms.fcgi: the program behind the web server. See savemms.fcgi(8).
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/log.h"
#include "cgi/app.h"
#include "cgi/fcgi.h"
#include "net/http_client.h"
#include "ops/meter.h"
#include "request/xmltree.h"

bool
app_start(struct app *app, const char *conf)
{
	char err[STORE_ERR], meter[INSTANCE_PATH];

	if (settings_read(&app->settings, conf, err, sizeof err) != 0) {
		log_error("%s", err);
		return false;
	}
	settings_open_log(&app->settings, "savemms.fcgi");
	if (!crypt_init() || !http_client_init()) {
		log_error("libsodium or libcurl cannot start");
		return false;
	}
	xmltree_init();
	/* twice the cores: the last image of a request must not have one core to itself
	 * while the other idles (three images on two cores: 1.5 times one, not 2) */
	app->transcoder = transcoder_new(app->settings.transcode_program[0] != '\0' ? app->settings.transcode_program : NULL,
	    2 * settings_encode_jobs(&app->settings));
	if (app->transcoder == NULL)
		return false;
	settings_path(&app->settings, "run/meter", meter, sizeof meter);
	app->meter = meter_open(meter);
	if ((app->store = store_open(&app->settings, false, err)) == NULL)
		log_error("%s", err);
	return app->store != NULL;
}

void
app_end(struct app *app)
{
	if (app->store != NULL)
		store_close(&app->store);
	if (app->transcoder != NULL)
		transcoder_free(&app->transcoder);
	meter_close(&app->meter);
}

static int
usage(FILE *f, int rc)
{
	(void)fputs("usage: savemms.fcgi [--help | --version]\n"
	    "Started by a web server, as FastCGI (listening socket on descriptor 0) or CGI.\n"
	    "SAVEMMS_CONF in its environment names the instance. See savemms.fcgi(8).\n", f);
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
	(void)umask(077);
	(void)mallopt(M_ARENA_MAX, 2);	/* threads mostly wait: two heaps keep memory small */
	(void)log_open("savemms.fcgi", NULL);
	rc = fcgi_main(&app);
	app_end(&app);
	return rc;
}
