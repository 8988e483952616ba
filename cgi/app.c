/* app: opens and closes what all requests of the process share. See app.h. */
#include "cgi/app.h"

#include "base/crypt.h"
#include "base/log.h"
#include "rights/user.h"
#include "net/http_client.h"
#include "ops/meter.h"
#include "request/json_tree.h"
#include "request/xmltree.h"

bool
app_start(struct app *app, const char *conf)
{
	char err[STORE_ERR], meter[INSTANCE_PATH];
	bool became;

	if (settings_read(&app->settings, conf, err, sizeof err) != 0) {
		log_error("%s", err);
		return false;
	}
	if (user_become(app->settings.owner, &became) != 0) {
		log_error("root cannot become the owner of %s: %m", app->settings.dir);
		return false;
	}
	settings_open_log(&app->settings, "savemms.fcgi");
	if (!crypt_init() || !http_client_init()) {
		log_error("libsodium or libcurl cannot be initialized");
		return false;
	}
	xmltree_init();
	json_tree_init();
	/* Twice the cores: the last image of a request must not have one core to itself while
	 * the other idles (three images on two cores: 1.5 times one, not 2). */
	app->transcoder = transcoder_new(app->settings.transcode_program[0] != '\0' ?
		app->settings.transcode_program :
		NULL,
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
