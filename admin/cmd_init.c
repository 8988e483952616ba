/*
 * init: creates an instance: the folder, the store and savemms.conf. It writes savemms.conf last,
 * so an incomplete folder never passes for an instance. On failure it removes what it has created,
 * so that the next try finds the folder empty.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/backup/folder.h"
#include "admin/cmd.h"
#include "admin/owner.h"
#include "admin/say.h"
#include "admin/wrap.h"
#include "base/buf.h"
#include "base/file.h"
#include "blob/blob.h"

enum { CONF_CAP = 256 << 10, CONF_WIDTH = 78, DEMO_PASSWORD = 12, LOG_CAP = 64 << 10 };

/* Writes one setting: what it is for, then its line, which is commented out if the value is the
 * default. */
static void
write_setting(void *ctx, const char *key, const char *value, const char *def, const char *doc)
{
	struct buf *b = ctx;

	buf_addc(b, '\n');
	wrap_text(b, "# ", doc, CONF_WIDTH);
	buf_printf(b, "%s%s =%s%s\n", strcmp(value, def) == 0 ? "#" : "", key,
	    value[0] != '\0' ? " " : "", value);
}

static int
write_conf(const struct settings *s)
{
	struct buf b;
	int rc = -1;

	buf_init(&b, CONF_CAP);
	buf_adds(&b,
	    "# Settings of this instance; savemms.conf(5) explains them. A line that begins\n"
	    "# with # is a comment and shows the default. After a change, savemms reload lets the\n"
	    "# programs that run read this file again.\n");
	settings_each(s, write_setting, &b);
	if (buf_ok(&b))
		rc = file_replace(s->file, buf_str(&b), b.len);
	else
		errno = ENOMEM;
	buf_free(&b);
	return rc;
}

static int
make_folder(const struct settings *s, const char *name)
{
	char path[INSTANCE_PATH + 16];

	settings_path(s, name, path, sizeof path);
	return file_mkdirs(path);
}

/* Creates the folders and the store. On failure returns NULL with the reason in err. */
static struct store *
make_parts(const struct settings *s, char *err, size_t errlen)
{
	char serr[STORE_ERR];
	struct store *st;

	if (make_folder(s, "log") != 0 || make_folder(s, "run") != 0 || blob_init(s) != 0) {
		(void)snprintf(err, errlen, "its folders cannot be made: %s", strerror(errno));
		return NULL;
	}
	settings_open_log(s, "savemms");
	if ((st = store_open(s, true, serr)) == NULL)
		(void)snprintf(err, errlen, "its store cannot be made: %s", serr);
	return st;
}

/* Changes the settings for a trial on one machine. */
static int
demo_settings(struct settings *s, char *err, size_t errlen)
{
	if (settings_set(s, "outgoing-allow", "127.0.0.0/8", err, errlen) != 0)
		return -1;
	return settings_set(s, "outgoing-ports", "any", err, errlen);
}

/* Creates an operator's account, so that all of the console can be seen. */
static int
demo_account(struct store *st, struct account *ac, char password[DEMO_PASSWORD + 1], char *err,
    size_t errlen)
{
	enum store_rc rc;

	crypt_random_text(password, DEMO_PASSWORD);
	if (!account_init(ac, "demo") || !account_set_password(ac, password) ||
	    account_set(ac, "operator", "on", err, errlen) != 0) {
		(void)snprintf(err, errlen, "the account 'demo' cannot be made");
		return -1;
	}
	if ((rc = store_account_put(st, ac)) == ST_OK)
		return 0;
	(void)snprintf(err, errlen, "the account 'demo' cannot be stored: %s", store_rc_text(rc));
	return -1;
}

static int
report(const struct settings *s, const struct account *demo, const char *password)
{
	(void)printf("made an instance in %s\n"
		     "  savemms.conf  its settings, all of them with their defaults\n"
		     "  db            accounts, templates, jobs\n"
		     "  media         sources and renditions\n"
		     "  log           what happened\n"
		     "  run           what a running web server needs\n",
	    s->dir);
	if (demo != NULL)
		(void)printf("made an account for trying out; media may come from 127.0.0.0/8\n"
			     "account: %s\napi_key: %s\npassword: %s\n"
			     "the password is for the console, and is not shown again\n",
		    demo->name, demo->key, password);
	else
		(void)printf("next: savemms -C %s account add NAME\n", s->dir);
	if (geteuid() == 0 && fflush(stdout) == 0)
		(void)fprintf(stderr,
		    "savemms: note: everything belongs to root; give it to the user that the web "
		    "server's program runs as: chown -R USER %s\n",
		    s->dir);
	return finish();
}

/* Shows the log of a failed try, which goes with the folder. */
static void
show_log(struct admin *ad)
{
	char path[INSTANCE_PATH];
	const char *text;
	size_t n;

	settings_path(&ad->s, "log/savemms.log", path, sizeof path);
	if ((text = file_slurp(ad->a, path, LOG_CAP, &n)) != NULL)
		(void)fwrite(text, 1, n, stderr);
}

/* Gives the folder back empty after the failure that why describes. */
static int
give_up(struct admin *ad, const char *why)
{
	show_log(ad);
	if (ad->st != NULL)
		store_close(&ad->st);
	if (folder_empty(ad->s.dir) != 0)
		return fail("%s: %s; remove what is in that folder and try again", ad->s.dir, why);
	return fail("%s: %s; the folder is empty again", ad->s.dir, why);
}

int
cmd_init(struct admin *ad)
{
	static struct account demo;
	bool want_demo = ad->opt[OPT_DEMO] != NULL;
	char err[1024], real[PATH_MAX], password[DEMO_PASSWORD + 1];

	if (owner_become_of(ad->argv[0], &ad->as_owner) != DONE)
		return NOT_DONE;
	if (folder_claim(ad->argv[0], err, sizeof err) != 0)
		return fail("%s", err);
	if (realpath(ad->argv[0], real) == NULL)
		return fail("%s: %s", ad->argv[0], strerror(errno));
	if (strlen(real) >= INSTANCE_PATH - 32)
		return fail("%s: the path is too long; name a shorter one", real);
	settings_defaults(&ad->s, real);
	settings_path(&ad->s, "savemms.conf", ad->s.file, sizeof ad->s.file);
	if ((want_demo && demo_settings(&ad->s, err, sizeof err) != 0) ||
	    (ad->st = make_parts(&ad->s, err, sizeof err)) == NULL ||
	    (want_demo && demo_account(ad->st, &demo, password, err, sizeof err) != 0))
		return give_up(ad, err);
	if (write_conf(&ad->s) != 0) {
		(void)snprintf(err, sizeof err, "savemms.conf cannot be written: %s",
		    strerror(errno));
		return give_up(ad, err);
	}
	return report(&ad->s, want_demo ? &demo : NULL, password);
}
