/*
 * savemms: the operator's command. It reads the options, finds the command in a table, reads the
 * instance's settings and opens its store if the command needs them, and runs the command. The exit
 * status is 0 done, 1 not done (stderr says why and what to do) or 2 wrong usage (savemms(1), Exit
 * status).
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "admin/cmd.h"
#include "admin/owner.h"
#include "admin/say.h"
#include "base/arena.h"
#include "base/crypt.h"
#include "base/log.h"
#include "base/where.h"
#include "model/image_template_form.h"

#ifndef PACKAGE_VERSION
#error "config.h or -DPACKAGE_VERSION is missing"
#endif

enum { ARENA_CAP = 256 << 20 };

/* What a command must have before it runs. NEED_NAME: an instance is named, and the command reads
 * its settings itself. */
enum need { NEED_NOTHING, NEED_NAME, NEED_SETTINGS, NEED_STORE };

#define BIT(o) (1u << (o))

struct command {
	const char *word, *second; /* second NULL: a command of one word */
	const char *args;          /* for the help */
	int least, most;           /* number of words it takes; most -1: any number */
	unsigned options;          /* BIT(OPT_...) of each option it takes */
	enum need need;
	int (*run)(struct admin *ad);
	const char *text; /* what it does */
};

static const struct command command[] = {
	{ "init", NULL, "DIR [--demo]", 1, 1, BIT(OPT_DEMO), NEED_NOTHING, cmd_init,
	    "Creates an instance in the new or empty folder DIR and prints what it made.\n"
	    "--demo makes one for trying out: media may come from this machine, and there\n"
	    "is an account whose api_key is printed." },
	{ "serve", NULL, "DIR [--port N] [--server lighttpd|apache] [--module NAME] [--cgi]", 1, 1,
	    BIT(OPT_PORT) | BIT(OPT_SERVER) | BIT(OPT_MODULE) | BIT(OPT_CGI), NEED_NOTHING,
	    cmd_serve,
	    "Writes a web-server configuration into DIR/run and runs that server in the\n"
	    "foreground on 127.0.0.1:N (8080; 0: a free port) with a helper beside it.\n"
	    "--module, with apache: fcgid, proxy_fcgi or cgid. --cgi: one process per request." },
	{ "account", "add", "NAME [key=value ...] [--password WORD | --password-stdin]", 1, -1,
	    BIT(OPT_PASSWORD) | BIT(OPT_PASSWORD_STDIN), NEED_STORE, cmd_account_add,
	    "Makes an account and prints its api_key. With a password it may also call with\n"
	    "USER (its name) and PASS. savemms(1) lists the keys." },
	{ "account", "set", "NAME key=value ... [--password WORD | --password-stdin]", 1, -1,
	    BIT(OPT_PASSWORD) | BIT(OPT_PASSWORD_STDIN), NEED_STORE, cmd_account_set,
	    "Changes an account. If one value is wrong, nothing is changed." },
	{ "account", "list", "", 0, 0, 0, NEED_STORE, cmd_account_list, "Lists the accounts." },
	{ "account", "show", "NAME", 1, 1, 0, NEED_STORE, cmd_account_show,
	    "Prints an account with its api_key and every key as key=value." },
	{ "account", "rotate-key", "NAME", 1, 1, 0, NEED_STORE, cmd_account_rotate,
	    "Gives an account a new api_key and prints it. The old one is invalid at once." },
	{ "account", "remove", "NAME", 1, 1, 0, NEED_STORE, cmd_account_remove,
	    "Removes an account that has no templates." },
	{ "account", "import", "ACCOUNT FILE ... [--dry-run] [--map FILE] [--posters] [--url URL]",
	    2, -1, BIT(OPT_DRY_RUN) | BIT(OPT_MAP) | BIT(OPT_POSTERS) | BIT(OPT_URL), NEED_STORE,
	    cmd_account_import,
	    "Saves another server's templates, which files with its answers describe, by the\n"
	    "server at base-url, or at --url, and prints old ids and MMSIDs. See savemms(1)." },
	{ "template", "list", "[--account NAME]", 0, 0, BIT(OPT_ACCOUNT), NEED_STORE,
	    cmd_template_list, "Lists what is stored, newest first." },
	{ "template", "show", "MMSID", 1, 1, 0, NEED_STORE, cmd_template_show,
	    "Prints a template: state, slides, media, renditions and where their files are." },
	{ "template", "export", "MMSID DIR", 2, 2, 0, NEED_STORE, cmd_template_export,
	    "Copies the sources and renditions into the new or empty folder DIR under\n"
	    "readable names, with a saveMMS request that describes the template." },
	{ "template", "delete", "MMSID", 1, 1, 0, NEED_STORE, cmd_template_delete,
	    "Deletes a template, its jobs, and the files that nothing else refers to." },
	{ "job", "list", "", 0, 0, 0, NEED_STORE, cmd_job_list,
	    "Lists the queue, dead letters included." },
	{ "job", "show", "ID", 1, 1, 0, NEED_STORE, cmd_job_show,
	    "Prints a job, what it posts, and why it failed last." },
	{ "job", "retry", "ID | --all-dead", 0, 1, BIT(OPT_ALL_DEAD), NEED_STORE, cmd_job_retry,
	    "Makes a dead or waiting job, or all dead jobs, due now. Attempts and faults are\n"
	    "counted from zero again. --all-dead leaves out held messages (message release)." },
	{ "job", "discard", "ID", 1, 1, 0, NEED_STORE, cmd_job_discard,
	    "Discards a job. What it would have done is never done." },
	{ "message", "list", "[--account NAME]", 0, 0, BIT(OPT_ACCOUNT), NEED_STORE,
	    cmd_message_list, "Lists the messages that were sent, newest first." },
	{ "message", "show", "TRACKINGID", 1, 1, 0, NEED_STORE, cmd_message_show,
	    "Prints a message: its state, how it went out, and why it is held, if it is." },
	{ "message", "release", "TRACKINGID", 1, 1, 0, NEED_STORE, cmd_message_release,
	    "Lets a held message be handed over to its transport again." },
	{ "message", "fail", "TRACKINGID", 1, 1, 0, NEED_STORE, cmd_message_fail,
	    "Ends a held message as failed, and queues its postback (E101)." },
	{ "send", NULL,
	    "--dry-run MMSID --to NUMBER [--from NUMBER] [--data name=value ...] [--operator ID] [--handset TEXT]",
	    1, 1,
	    BIT(OPT_DRY_RUN) | BIT(OPT_TO) | BIT(OPT_FROM) | BIT(OPT_DATA) | BIT(OPT_OPERATOR) |
		BIT(OPT_HANDSET),
	    NEED_STORE, cmd_send,
	    "Shows what a message would be: its class, its transport, what is attached, each\n"
	    "part, and the reasons. Nothing is sent; sendSavedMMS of the API does that." },
	{ "status", NULL, "[--json]", 0, 0, BIT(OPT_JSON), NEED_STORE, cmd_status,
	    "Prints counts, depth and age of the queue, disk space and running helpers." },
	{ "reload", NULL, "", 0, 0, 0, NEED_SETTINGS, cmd_reload,
	    "Lets the programs that run read savemms.conf again, and names the settings that\n"
	    "were changed and take effect only when a program is started again." },
	{ "doctor", NULL, "[--url URL] [--json]", 0, 0, BIT(OPT_JSON) | BIT(OPT_URL), NEED_NAME,
	    cmd_doctor,
	    "Looks at the instance, its machine and its web server, and prints a line for each\n"
	    "thing with what to do about it. Nothing is sent. --url: where the server answers,\n"
	    "instead of base-url. The status is 0 if all is ok, 1 after warnings, else 2." },
	{ "trial", NULL, "", 0, 0, 0, NEED_STORE, cmd_trial,
	    "Saves an MMS through the web server, at base-url, watches whether the helper lives\n"
	    "on after that request, and removes what it has made. Says what to do." },
	{ "backup", NULL, "DEST [--scratch DIR]", 1, 1, BIT(OPT_SCRATCH), NEED_STORE, cmd_backup,
	    "Makes a copy of the instance in the new folder DEST while it is in use." },
	{ "restore", NULL, "SRC [DIR] [--force] [--partial]", 1, 2,
	    BIT(OPT_FORCE) | BIT(OPT_PARTIAL), NEED_NOTHING, cmd_restore,
	    "Restores the backup SRC into DIR (or the folder that -C names), which must be new\n"
	    "or empty. --force: moves its contents aside first. --partial: accepts a backup\n"
	    "that has inconsistencies." },
	{ "check", NULL, "[--quick] [--scratch DIR]", 0, 0, BIT(OPT_QUICK) | BIT(OPT_SCRATCH),
	    NEED_STORE, cmd_check,
	    "Compares records, indexes and media with each other, while they are in use, and\n"
	    "prints what is wrong. --quick: checks that media exist but does not read them." },
	{ "migrate", NULL, "[--dry-run]", 0, 0, BIT(OPT_DRY_RUN), NEED_STORE, cmd_migrate,
	    "Brings a store that version 0.1.0 made to the present layout, which ends the way\n"
	    "back to that version. Refuses while older programs have it open. --dry-run: says\n"
	    "what would be done." },
	{ "image-template", "add", "ACCOUNT NAME --background FILE|URL --from FORM", 2, 2,
	    BIT(OPT_BACKGROUND) | BIT(OPT_FROM), NEED_STORE, cmd_image_add,
	    "Makes an image template from a background and the texts and barcode that the file\n"
	    "FORM describes, and prints its id, the TEMPLATE-ID of PERSONALIZED-IMAGE. A form\n"
	    "with all keys (savemms(1) explains them; up to 8 texts, at most one barcode):\n\n" IMAGE_FORM_SAMPLE },
	{ "image-template", "list", "[--account NAME]", 0, 0, BIT(OPT_ACCOUNT), NEED_STORE,
	    cmd_image_list, "Lists the image templates." },
	{ "image-template", "show", "ID", 1, 1, 0, NEED_STORE, cmd_image_show,
	    "Prints an image template: sizes, merge tags, and its form as add would read it." },
	{ "image-template", "render", "ID OUT.jpg [--data name=value ...] [--class NAME]", 2, 2,
	    BIT(OPT_CLASS) | BIT(OPT_DATA), NEED_STORE, cmd_image_render,
	    "Draws a personal image into the file OUT.jpg, as it would go out in a class (by\n"
	    "default the largest). Merge tags without a value get their defaults." },
	{ "image-template", "remove", "ID", 1, 1, 0, NEED_STORE, cmd_image_remove,
	    "Removes an image template. Templates that name it cannot be sent any more." },
	{ "carrier", NULL,
	    "[--port N] [--rules FILE] [--report URL [--report-user U:P]] [--user U:P] [--log FILE] [--keep DIR]",
	    0, 0,
	    BIT(OPT_PORT) | BIT(OPT_RULES) | BIT(OPT_REPORT) | BIT(OPT_REPORT_USER) |
		BIT(OPT_USER) | BIT(OPT_LOG) | BIT(OPT_KEEP),
	    NEED_NOTHING, cmd_carrier,
	    "Runs a carrier for tests on 127.0.0.1:N (8090; 0: a free port) until SIGTERM. It\n"
	    "accepts MMS by MM7 and SMS by Kannel's sendsms, checks them, prints a line for\n"
	    "each and does what the rules say. --report: where it sends delivery reports." },
};

enum { COMMANDS = sizeof command / sizeof command[0], OPT_HELP = 256, OPT_VERSION };

static const struct option option[] = {
	{ "account", required_argument, NULL, OPT_ACCOUNT },
	{ "all-dead", no_argument, NULL, OPT_ALL_DEAD },
	{ "background", required_argument, NULL, OPT_BACKGROUND },
	{ "cgi", no_argument, NULL, OPT_CGI },
	{ "class", required_argument, NULL, OPT_CLASS },
	{ "config", required_argument, NULL, 'C' },
	{ "data", required_argument, NULL, OPT_DATA },
	{ "demo", no_argument, NULL, OPT_DEMO },
	{ "dry-run", no_argument, NULL, OPT_DRY_RUN },
	{ "force", no_argument, NULL, OPT_FORCE },
	{ "from", required_argument, NULL, OPT_FROM },
	{ "handset", required_argument, NULL, OPT_HANDSET },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "keep", required_argument, NULL, OPT_KEEP },
	{ "log", required_argument, NULL, OPT_LOG },
	{ "map", required_argument, NULL, OPT_MAP },
	{ "module", required_argument, NULL, OPT_MODULE },
	{ "operator", required_argument, NULL, OPT_OPERATOR },
	{ "partial", no_argument, NULL, OPT_PARTIAL },
	{ "password", required_argument, NULL, OPT_PASSWORD },
	{ "password-stdin", no_argument, NULL, OPT_PASSWORD_STDIN },
	{ "port", required_argument, NULL, OPT_PORT },
	{ "posters", no_argument, NULL, OPT_POSTERS },
	{ "quick", no_argument, NULL, OPT_QUICK },
	{ "report", required_argument, NULL, OPT_REPORT },
	{ "report-user", required_argument, NULL, OPT_REPORT_USER },
	{ "rules", required_argument, NULL, OPT_RULES },
	{ "scratch", required_argument, NULL, OPT_SCRATCH },
	{ "server", required_argument, NULL, OPT_SERVER },
	{ "to", required_argument, NULL, OPT_TO },
	{ "url", required_argument, NULL, OPT_URL },
	{ "user", required_argument, NULL, OPT_USER },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

static void
print_usage(FILE *f, const struct command *c)
{
	(void)fprintf(f, "  savemms %s%s%s%s%s\n", c->word, c->second != NULL ? " " : "",
	    c->second != NULL ? c->second : "", c->args[0] != '\0' ? " " : "", c->args);
}

/* Prints the help of all commands, or of those whose words match. Returns false if none matches. */
static bool
print_help(const char *word, const char *second)
{
	bool any = false;

	(void)puts("usage: savemms [-C FILE|DIR] COMMAND ...");
	for (size_t i = 0; i < COMMANDS; i++) {
		const struct command *c = &command[i];

		if (word != NULL && strcmp(word, c->word) != 0)
			continue;
		if (second != NULL && (c->second == NULL || strcmp(second, c->second) != 0))
			continue;
		print_usage(stdout, c);
		if (word != NULL)
			(void)printf("%s\n", c->text);
		any = true;
	}
	(void)puts(
	    "-C, --config names the instance: its folder or its savemms.conf; without it the\n"
	    "environment variable SAVEMMS_CONF does. --help, --version. See savemms(1).");
	return any;
}

/* Returns the command that the first words name, or NULL. *words is the number of words in its
 * name. */
static const struct command *
find_command(int argc, char **argv, int *words)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		const struct command *c = &command[i];

		if (argc < 1 || strcmp(argv[0], c->word) != 0)
			continue;
		*words = c->second != NULL ? 2 : 1;
		if (c->second == NULL || (argc > 1 && strcmp(argv[1], c->second) == 0))
			return c;
	}
	return NULL;
}

static int
unknown(int argc, char **argv)
{
	if (argc < 1)
		return wrong("no command is given");
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(argv[0], command[i].word) != 0)
			continue;
		return argc < 2 ? wrong("'%s' needs a second word", argv[0]) :
				  wrong("there is no command '%s %s'", argv[0], argv[1]);
	}
	return wrong("there is no command '%s'", argv[0]);
}

/* What the options ask for apart from a command: help or version. */
struct asked {
	bool help, version;
	unsigned given; /* BIT() of each option seen */
};

/* Explains the option that getopt_long() has just refused. */
static int
unreadable(char **argv)
{
	if (optopt > 0 && optopt < OPT_HELP && optopt >= OPT_COUNT)
		return wrong("there is no option '-%c'", optopt);
	return optopt == 0 ?
	    wrong("there is no option '%s', or it is ambiguous", argv[optind - 1]) :
	    wrong("'%s': this option takes no value", argv[optind - 1]);
}

static int
read_options(struct admin *ad, int argc, char **argv, struct asked *as)
{
	int o;

	opterr = 0; /* the messages are ours */
	while ((o = getopt_long(argc, argv, ":C:", option, NULL)) != -1) {
		if (o == ':')
			return wrong("'%s' needs a value", argv[optind - 1]);
		if (o == '?')
			return unreadable(argv);
		if (o == 'C') {
			ad->conf = optarg;
		} else if (o == OPT_HELP) {
			as->help = true;
		} else if (o == OPT_VERSION) {
			as->version = true;
		} else if (o == OPT_DATA && ad->ndata == MESSAGE_VARS) {
			return wrong("--data can be given %d times at most", MESSAGE_VARS);
		} else {
			if (o == OPT_DATA)
				ad->data[ad->ndata++] = optarg;
			ad->opt[o] = optarg != NULL ? optarg : "";
			as->given |= BIT(o);
		}
	}
	ad->argc = argc - optind;
	ad->argv = argv + optind;
	return DONE;
}

static int
check_words(const struct command *c, const struct admin *ad, unsigned given)
{
	for (const struct option *o = option; o->name != NULL; o++)
		if (o->val < OPT_COUNT && (given & ~c->options & BIT(o->val)) != 0)
			return wrong("'%s%s%s' takes no --%s", c->word,
			    c->second != NULL ? " " : "", c->second != NULL ? c->second : "",
			    o->name);
	if (ad->argc >= c->least && (c->most < 0 || ad->argc <= c->most))
		return DONE;
	(void)fputs("usage:\n", stderr);
	print_usage(stderr, c);
	return wrong(ad->argc < c->least ? "a word is missing" : "'%s' is one word too many",
	    ad->argc < c->least ? "" : ad->argv[c->most]);
}

static int
run(const struct command *c, struct admin *ad)
{
	char err[1024], serr[STORE_ERR];
	int rc;

	if (!crypt_init())
		return fail("libsodium cannot start: its random source does not answer");
	if ((ad->a = arena_new(ARENA_CAP)) == NULL)
		return fail("out of memory");
	if (c->need != NEED_NOTHING && ad->conf == NULL && getenv("SAVEMMS_CONF") == NULL)
		return wrong("no instance is named: give -C DIR or set SAVEMMS_CONF");
	if (c->need >= NEED_SETTINGS && settings_read(&ad->s, ad->conf, err, sizeof err) != 0)
		return fail_settings(ad->conf != NULL ? ad->conf : getenv("SAVEMMS_CONF"), err);
	if (c->need >= NEED_SETTINGS) {
		if ((rc = owner_become(ad->s.dir, ad->s.owner, &ad->as_owner)) != DONE)
			return rc;
		settings_open_log(&ad->s, "savemms");
	}
	if (c->need == NEED_STORE && (ad->st = store_open(&ad->s, false, serr)) == NULL)
		return fail("the store of %s cannot be opened: %s", ad->s.dir, serr);
	rc = c->run(ad);
	if (ad->st != NULL)
		store_close(&ad->st);
	arena_free(&ad->a);
	return rc;
}

static int
help_command(const struct admin *ad)
{
	if (print_help(ad->argc > 1 ? ad->argv[1] : NULL, ad->argc > 2 ? ad->argv[2] : NULL))
		return finish();
	return unknown(ad->argc - 1, ad->argv + 1);
}

int
main(int argc, char **argv)
{
	static struct admin ad;
	struct asked as = { false, false, 0 };
	const struct command *c;
	int words = 0, rc;

	(void)umask(077);
	(void)log_open("savemms", NULL);
	if (!where_set_environment())
		return fail("out of memory");
	if ((rc = read_options(&ad, argc, argv, &as)) != DONE)
		return rc;
	if (as.version) {
		(void)puts("savemms " PACKAGE_VERSION);
		return finish();
	}
	if (ad.argc > 0 && strcmp(ad.argv[0], "help") == 0)
		return help_command(&ad);
	c = find_command(ad.argc, ad.argv, &words);
	if (as.help && (ad.argc == 0 || c != NULL)) {
		(void)print_help(c != NULL ? c->word : NULL, c != NULL ? c->second : NULL);
		return finish();
	}
	if (as.help && print_help(ad.argv[0], NULL))
		return finish();
	if (c == NULL)
		return unknown(ad.argc, ad.argv);
	ad.argc -= words;
	ad.argv += words;
	rc = check_words(c, &ad, as.given);
	return rc != DONE ? rc : run(c, &ad);
}
