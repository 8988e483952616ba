/* account: see account.h. Its settings are rows of account.def. */
#include "model/account.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/md5hex.h"
#include "base/num.h"
#include "base/record.h"
#include "model/check.h"

enum { SECRET_MAX = 512 };

static const struct record_form record_form = { "account", 1 };

/* Accepts the secrets that postback_sign() takes: "", a text, or whsec_ and the key in base64. */
static const char *
check_secret(const char *v)
{
	unsigned char key[SECRET_MAX];

	if (strncmp(v, "whsec_", 6) == 0 && crypt_unbase64(v + 6, key, sizeof key) <= 0)
		return "a text, or whsec_ and the key in base64";
	return strlen(v) <= SECRET_MAX ? check_any(v) : "at most 512 bytes long";
}

/* Accepts "all", or names of actions (savemms-api(7), saveMMS, Other actions and Sending). */
static const char *
check_actions(const char *v)
{
	static const char names[] = "all"
#define ACTION(name, fn) ", " #name
#include "model/actions.def"
#undef ACTION
	    ;
	char item[64];

	while (list_next(&v, item, sizeof item))
		if (!list_has(names, item))
			return names;
	return NULL;
}

static const char *
check_own_answer_type(const char *v)
{
	return v[0] == '\0' || strcmp(v, "plain") == 0 || strcmp(v, "xml") == 0 ?
	    NULL :
	    "plain, xml, or empty for the setting of the same name in savemms.conf";
}

static const char *
check_postback_dialect(const char *v)
{
	enum dialect d;

	return strcmp(v, "same") == 0 || dialect_by_name(v, &d) ? NULL : "same, A, B or C";
}

enum type { TYPE_FLAG, TYPE_NUM, TYPE_TEXT };

static const struct row {
	const char *key;
	enum type type;
	size_t offset;
	uint64_t def, min, max;
	const char *text;
	check_fn *check;
	const char *doc;
} rows[] = {
#define FLAG(name, key, def, doc) \
	{ key, TYPE_FLAG, offsetof(struct account, name), def, 0, 1, NULL, NULL, doc },
#define NUM(name, key, def, min, max, doc) \
	{ key, TYPE_NUM, offsetof(struct account, name), def, min, max, NULL, NULL, doc },
#define TEXT(name, key, def, check, doc) \
	{ key, TYPE_TEXT, offsetof(struct account, name), 0, 0, 0, def, check, doc },
#include "model/account.def"
#undef FLAG
#undef NUM
#undef TEXT
};

enum { ROWS = sizeof rows / sizeof rows[0] };

static void *
field(struct account *a, const struct row *r)
{
	return (char *)a + r->offset;
}

static const struct row *
row_of(const char *key)
{
	for (const struct row *r = rows; r < rows + ROWS; r++)
		if (strcmp(r->key, key) == 0)
			return r;
	return NULL;
}

static void
set_number(struct account *a, const struct row *r, uint64_t v)
{
	if (r->type == TYPE_FLAG)
		*(bool *)field(a, r) = v != 0;
	else
		*(uint64_t *)field(a, r) = v;
}

static bool
name_ok(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n < ACCOUNT_NAME && ascii_only(name, ASCII_ALNUM "._-");
}

bool
account_init(struct account *a, const char *name)
{
	memset(a, 0, sizeof *a);
	if (!name_ok(name))
		return false;
	(void)snprintf(a->name, sizeof a->name, "%s", name);
	crypt_random_text(a->key, API_KEY - 1);
	a->created = clock_now();
	for (const struct row *r = rows; r < rows + ROWS; r++)
		if (r->type == TYPE_TEXT)
			(void)snprintf(field(a, r), ACCOUNT_TEXT, "%s", r->text);
		else
			set_number(a, r, r->def);
	return true;
}

/* Sets a row to a value. Returns NULL, or else what the value must be. */
static const char *
set_row(struct account *a, const struct row *r, const char *value)
{
	const char *wrong;
	uint64_t v;

	if (r->type == TYPE_TEXT) {
		if (strlen(value) >= ACCOUNT_TEXT)
			return "at most 1023 bytes long";
		if ((wrong = r->check(value)) == NULL)
			(void)snprintf(field(a, r), ACCOUNT_TEXT, "%s", value);
		return wrong;
	}
	if (r->type == TYPE_FLAG) {
		if (strcasecmp(value, "on") != 0 && strcasecmp(value, "off") != 0)
			return "on or off";
		set_number(a, r, strcasecmp(value, "on") == 0);
		return NULL;
	}
	if (!num_u64(value, r->min, r->max, &v))
		return "a number in its range";
	set_number(a, r, v);
	return NULL;
}

int
account_set(struct account *a, const char *key, const char *value, char *err, size_t errlen)
{
	const struct row *r = row_of(key);
	const char *wrong;

	if (r == NULL) {
		(void)snprintf(err, errlen, "an account has no setting '%.60s'; see savemms(1)",
		    key);
		return -1;
	}
	if ((wrong = set_row(a, r, value)) == NULL) {
		if (field(a, r) == a->postback_url)
			a->postback_gone = 0;
		return 0;
	}
	if (r->type == TYPE_NUM)
		(void)snprintf(err, errlen,
		    "%s is a number from %" PRIu64 " to %" PRIu64 ", not '%.60s'", key, r->min,
		    r->max, value);
	else
		(void)snprintf(err, errlen, "%s must be %s, not '%.60s'", key, wrong, value);
	return -1;
}

bool
account_set_password(struct account *a, const char *password)
{
	char hex[MD5_HEX];

	md5_hex(password, strlen(password), hex);
	(void)snprintf(a->user, sizeof a->user, "%s", a->name);
	return crypt_password_hash(hex, a->password);
}

/* Reads 32 hex digits and makes them lower case: the form that clients send (savemms-api(7), Who
 * is calling). Returns false for another text. */
static bool
as_md5(const char *pass, char out[MD5_HEX])
{
	if (strlen(pass) != MD5_HEX - 1 || !ascii_only(pass, ASCII_HEX))
		return false;
	for (size_t i = 0; i < MD5_HEX; i++)
		out[i] = ascii_lower(pass[i]);
	return true;
}

bool
account_password_ok(const struct account *a, const char *pass)
{
	char hex[MD5_HEX];

	if (a->password[0] == '\0')
		return false;
	if (as_md5(pass, hex) && crypt_password_verify(a->password, hex))
		return true;
	md5_hex(pass, strlen(pass), hex);
	return crypt_password_verify(a->password, hex);
}

static void
find_newer(void *ctx, const char *key, const char *value, const char *def, const char *doc)
{
	static const char newer[] =
	    "postback-secret-old, postback-dialect, service-ids, answer-type";
	const char **found = ctx;

	(void)doc;
	if (*found == NULL && strcmp(value, def) != 0 && list_has(newer, key))
		*found = key;
}

const char *
account_newer(const struct account *a)
{
	const char *found = a->postback_gone != 0 ? "postback-gone" : NULL;

	account_each(a, find_newer, &found);
	return found;
}

bool
account_wants_postbacks(const struct account *a)
{
	return a->postback_url[0] != '\0' && a->postback_gone == 0;
}

enum dialect
account_postback_dialect(const struct account *a, enum dialect own)
{
	enum dialect d = own;

	(void)dialect_by_name(a->postback_dialect, &d); /* "same" is the name of none */
	return d;
}

static const char *
value_text(struct account *a, const struct row *r, char number[24])
{
	if (r->type == TYPE_TEXT)
		return field(a, r);
	if (r->type == TYPE_FLAG)
		return *(bool *)field(a, r) ? "on" : "off";
	(void)snprintf(number, 24, "%" PRIu64, *(uint64_t *)field(a, r));
	return number;
}

void
account_each(const struct account *a,
    void (*each)(void *ctx, const char *key, const char *value, const char *def, const char *doc),
    void *ctx)
{
	struct account copy = *a;
	char value[24], def[24];

	for (const struct row *r = rows; r < rows + ROWS; r++) {
		(void)snprintf(def, sizeof def, "%" PRIu64, r->def);
		each(ctx, r->key, value_text(&copy, r, value),
		    r->type == TYPE_TEXT     ? r->text :
			r->type == TYPE_FLAG ? (r->def ? "on" : "off") :
					       def,
		    r->doc);
	}
}

static void
write_setting(void *out, const char *key, const char *value, const char *def, const char *doc)
{
	(void)doc;
	if (strcmp(value, def) != 0) /* defaults are not stored: a new version may change them */
		record_str(out, key, value);
}

void
account_encode(const struct account *a, struct buf *out)
{
	record_start(out, &record_form);
	record_u64(out, "created", (uint64_t)a->created);
	record_u64(out, "version", a->version);
	record_str(out, "name", a->name);
	record_str(out, "key", a->key);
	record_str(out, "user", a->user);
	record_str(out, "password", a->password);
	account_each(a, write_setting, out);
	if (a->postback_gone != 0) /* behind postback-url, whose line makes it 0 */
		record_u64(out, "postback-gone", (uint64_t)a->postback_gone);
	record_end(out);
}

static void
read_field(struct record *r, struct account *a)
{
	char err[128];

	if (record_is(r, "created"))
		a->created = (int64_t)record_number(r, 0, INT64_MAX);
	else if (record_is(r, "version"))
		a->version = (uint32_t)record_number(r, 0, UINT32_MAX);
	else if (record_is(r, "name"))
		record_text(r, a->name, sizeof a->name);
	else if (record_is(r, "key"))
		record_text(r, a->key, sizeof a->key);
	else if (record_is(r, "user"))
		record_text(r, a->user, sizeof a->user);
	else if (record_is(r, "password"))
		record_text(r, a->password, sizeof a->password);
	else if (record_is(r, "postback-gone"))
		a->postback_gone = (int64_t)record_number(r, 1, INT64_MAX);
	else if (account_set(a, r->key, r->value, err, sizeof err) != 0)
		r->bad = true;
}

struct account *
account_decode(struct arena *arena, const char *p, size_t n)
{
	struct account *a = arena_zalloc(arena, sizeof *a);
	struct record r;

	if (a == NULL || !account_init(a, "x") || !record_open(&r, arena, p, n, &record_form))
		return NULL;
	while (record_next(&r))
		read_field(&r, a);
	return record_whole(&r) && name_ok(a->name) ? a : NULL;
}
