/*
 * account: the commands about customers. A command reads the account, changes it and writes it
 * back by version, so when two operators change one account at once, the later one gets an error.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/cmd.h"
#include "admin/lookup.h"
#include "admin/say.h"
#include "admin/table.h"
#include "admin/walk.h"
#include "base/clock.h"
#include "store/store_count.h"

enum { PASSWORD_MAX = 512 };

/* Reads one line of stdin without its line break. On failure prints why and returns false. */
static bool
read_password(char out[PASSWORD_MAX])
{
	size_t n;

	if (fgets(out, PASSWORD_MAX, stdin) == NULL) {
		(void)fail("no password on stdin: write it there as one line");
		return false;
	}
	n = strcspn(out, "\r\n");
	if (out[n] == '\0' && n == PASSWORD_MAX - 1) {
		(void)fail("the password on stdin is too long (%d bytes at most)",
		    PASSWORD_MAX - 2);
		return false;
	}
	out[n] = '\0';
	return true;
}

/* Applies --password or --password-stdin, if given. */
static int
apply_password(const struct admin *ad, struct account *ac)
{
	char line[PASSWORD_MAX];
	const char *word = ad->opt[OPT_PASSWORD];

	if (word != NULL && ad->opt[OPT_PASSWORD_STDIN] != NULL)
		return wrong("--password and --password-stdin exclude each other");
	if (ad->opt[OPT_PASSWORD_STDIN] != NULL) {
		if (!read_password(line))
			return NOT_DONE;
		word = line;
	}
	if (word == NULL)
		return DONE;
	if (word[0] == '\0')
		return wrong("the password is empty");
	return account_set_password(ac, word) ?
	    DONE :
	    fail("out of memory: the password cannot be hashed");
}

/* Applies the key=value words after the name. */
static int
apply_words(const struct admin *ad, struct account *ac)
{
	char key[64], err[256];

	for (int i = 1; i < ad->argc; i++) {
		const char *eq = strchr(ad->argv[i], '=');
		size_t n = eq != NULL ? (size_t)(eq - ad->argv[i]) : 0;

		if (n == 0 || n >= sizeof key)
			return wrong("'%s' is not key=value", ad->argv[i]);
		memcpy(key, ad->argv[i], n);
		key[n] = '\0';
		if (account_set(ac, key, eq + 1, err, sizeof err) != 0)
			return wrong("%s", err);
	}
	return DONE;
}

/* Stores the account. */
static int
put_account(struct admin *ad, struct account *ac)
{
	const char *newer;
	enum store_rc rc = store_account_fits(ad->st, ac, &newer);

	if (rc == ST_OK && newer != NULL)
		return fail("%s needs a store of layout 2: run savemms migrate first", newer);
	if (rc == ST_OK)
		rc = store_account_put(ad->st, ac);
	if (rc == ST_EXISTS)
		return fail("there is an account '%s' already; 'savemms account set' changes it",
		    ac->name);
	return rc == ST_OK ? DONE : fail_store(rc, ac->name);
}

int
cmd_account_add(struct admin *ad)
{
	static struct account ac;
	int st;

	if (!account_init(&ac, ad->argv[0]))
		return wrong("'%s' cannot be an account's name: use 1 to %d of A-Z a-z 0-9 . _ -",
		    ad->argv[0], ACCOUNT_NAME - 1);
	if ((st = apply_words(ad, &ac)) != DONE || (st = apply_password(ad, &ac)) != DONE)
		return st;
	if ((st = put_account(ad, &ac)) != DONE)
		return st;
	(void)printf("account: %s\napi_key: %s\n", ac.name, ac.key);
	if (ac.user[0] != '\0')
		(void)printf("user: %s\n", ac.user);
	return finish();
}

int
cmd_account_set(struct admin *ad)
{
	static struct account ac;
	int st;

	if (ad->argc < 2 && ad->opt[OPT_PASSWORD] == NULL && ad->opt[OPT_PASSWORD_STDIN] == NULL)
		return wrong("nothing to set: give key=value");
	if ((st = find_account(ad, ad->argv[0], &ac)) != DONE ||
	    (st = apply_words(ad, &ac)) != DONE || (st = apply_password(ad, &ac)) != DONE)
		return st;
	return put_account(ad, &ac);
}

int
cmd_account_rotate(struct admin *ad)
{
	static struct account ac;
	enum store_rc rc;
	int st;

	if ((st = find_account(ad, ad->argv[0], &ac)) != DONE)
		return st;
	crypt_random_text(ac.key, API_KEY - 1);
	if ((rc = store_account_put(ad->st, &ac)) != ST_OK)
		return fail_store(rc, ac.name);
	(void)printf("api_key: %s\n", ac.key);
	return finish();
}

int
cmd_account_remove(struct admin *ad)
{
	static struct account ac;
	enum store_rc rc;
	int st;

	if ((st = find_account(ad, ad->argv[0], &ac)) != DONE)
		return st;
	rc = store_account_remove(ad->st, ac.id);
	if (rc == ST_EXISTS)
		return fail(
		    "account '%s' still has templates: delete them first (those of sendMMS, "
		    "which no list shows, go when their links expire), or close it with "
		    "'savemms account set %s api=off'",
		    ac.name, ac.name);
	return rc == ST_OK ? DONE : fail_store(rc, ac.name);
}

/* Writes the number of an account's templates as text. */
static enum store_rc
count_templates(struct store *st, uint64_t account, char out[24])
{
	uint64_t n = 0;
	enum store_rc rc = store_template_count(st, account, &n);

	(void)snprintf(out, 24, "%" PRIu64, n);
	return rc;
}

static bool
list_row(struct admin *ad, struct table *t, const struct account *ac, const char *count)
{
	char id[24], today[24], created[CLOCK_TEXT];
	const char *const row[] = { id, ac->name, ac->api && ac->rights ? "on" : "off", count,
		today, created };

	(void)snprintf(id, sizeof id, "%" PRIu64, ac->id);
	(void)snprintf(today, sizeof today, "%" PRIu64, store_taken_today(ad->st, ac->id));
	clock_iso(ac->created, created);
	return table_row(t, row);
}

/* Adds the next account, or names it if it cannot be read. */
static enum store_rc
list_next(struct admin *ad, struct table *t, char after[ACCOUNT_NAME], struct walk *w)
{
	static struct account ac;
	char count[24];
	enum store_rc rc = walk_account(w, ad->st, after, &ac);

	if (rc != ST_OK || ac.id == 0)
		return rc;
	rc = count_templates(ad->st, ac.id, count);
	if (walk_past(w, rc, true, "the number of templates of account %s", ac.name))
		return ST_OK;
	return rc == ST_OK && !list_row(ad, t, &ac, count) ? ST_NOMEM : rc;
}

int
cmd_account_list(struct admin *ad)
{
	static const char *const head[] = { "ID", "NAME", "API", "TEMPLATES", "TODAY", "CREATED" };
	static struct table t;
	char after[ACCOUNT_NAME] = "";
	enum store_rc rc = ST_OK;
	struct walk w = { 0 };

	table_start(&t, stdout, isatty(STDOUT_FILENO) != 0, head, sizeof head / sizeof head[0]);
	while (rc == ST_OK)
		rc = list_next(ad, &t, after, &w);
	table_end(&t);
	return walk_end(&w, rc, "the accounts cannot be listed");
}

static void
show_key(void *ctx, const char *key, const char *value, const char *def, const char *doc)
{
	(void)ctx;
	(void)def;
	(void)doc;
	(void)printf("%s=", key);
	text_print(stdout, value);
	(void)putchar('\n');
}

int
cmd_account_show(struct admin *ad)
{
	static struct account ac;
	char created[CLOCK_TEXT], count[24];
	enum store_rc rc;
	int st;

	if ((st = find_account(ad, ad->argv[0], &ac)) != DONE)
		return st;
	if ((rc = count_templates(ad->st, ac.id, count)) != ST_OK)
		return fail_store(rc, "the templates cannot be counted");
	clock_iso(ac.created, created);
	(void)printf("account: %s\nid: %" PRIu64 "\napi_key: %s\nuser: %s\ncreated: %s\n"
		     "templates: %s\ncalls today: %" PRIu64 "\n",
	    ac.name, ac.id, ac.key, ac.user[0] != '\0' ? ac.user : "(none)", created, count,
	    store_taken_today(ad->st, ac.id));
	if (ac.postback_gone != 0) {
		clock_iso(ac.postback_gone, created);
		(void)printf("postbacks: off since %s, when the receiver said 410 Gone: set "
			     "postback-url again\n",
		    created);
	}
	account_each(&ac, show_key, NULL);
	return finish();
}
