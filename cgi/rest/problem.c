/* problem: see problem.h */
#include "cgi/rest/problem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/log.h"
#include "base/text/json.h"
#include "cgi/url.h"

enum { INFO_MAX = 1024, POINTER_MAX = 64, UUID = 37, DAY_S = 86400 };

int
problem_status(enum api_error code, bool lasting)
{
	switch (code) {
	case E108:
	case E212:
	case E213:
	case E214:
		return 400;
	case E104:
		return 401;
	case E105:
	case E107:
	case E109:
	case E112:
	case E114:
		return 403;
	case E241:
		return 404;
	case E625:
	case E626:
		return 409;
	case E106:
	case E113:
	case E120:
		return 429;
	case E503:
		return lasting ? 500 : 503;
	default:
		return 422;
	}
}

/* Tells whether the number that goes with a failure is that of a slide. */
static bool
of_slide(enum api_error code)
{
	const char *text = error_text(DIALECT_C, code);

	switch (code) {
	case E100: /* a value in a slide is of a wrong type */
	case E223:
	case E224:
	case E226:
	case E227:
	case E229:
	case E1130:
		return true;
	default:
		return strstr(text, "slide X") != NULL || strstr(text, "Slide X") != NULL;
	}
}

/* Writes the pointer (RFC 6901) to what the failure is about, as far as its code tells; "" if it
 * does not. */
static void
pointer_of(const struct failure *f, char out[POINTER_MAX])
{
	static const struct {
		enum api_error code;
		const char *pointer;
	} members[] = {
		{ E110, "#/to" },
		{ E111, "#/from" },
		{ E115, "#/from-mask" },
		{ E201, "#/to" },
		{ E225, "#/slide" },
		{ E311, "#/name" },
		{ E312, "#/slide" },
		{ E620, "#/mms-id" },
		{ E621, "#/to" },
		{ E622, "#/fallback-sms-text" },
		{ E627, "#/service-id" },
	};

	out[0] = '\0';
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		if (members[i].code == f->code)
			(void)snprintf(out, POINTER_MAX, "%s", members[i].pointer);
	if (f->x > 0 && of_slide(f->code))
		(void)snprintf(out, POINTER_MAX, "#/slide/%lu", f->x - 1);
}

/* Writes a random UUID (RFC 9562, version 4). */
static void
uuid(char out[UUID])
{
	unsigned char b[16];
	size_t n = 0;

	crypt_random(b, sizeof b);
	b[6] = (unsigned char)(0x40 | (b[6] & 0x0f));
	b[8] = (unsigned char)(0x80 | (b[8] & 0x3f));
	for (size_t i = 0; i < sizeof b; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[n++] = '-';
		n += (size_t)snprintf(out + n, UUID - n, "%02x", b[i]);
	}
}

static void
add_string(struct buf *b, const char *name, const char *text)
{
	char out[JSON_ROOM(INFO_MAX)];

	(void)json_quote(out, sizeof out, text);
	buf_printf(b, "\"%s\":%s", name, out);
}

static void
add_error(struct buf *b, enum api_error code, const char *pointer, const char *detail)
{
	buf_addc(b, '{');
	if (pointer[0] != '\0') {
		add_string(b, "pointer", pointer);
		buf_addc(b, ',');
	}
	add_string(b, "error-code", error_code(code));
	buf_addc(b, ',');
	add_string(b, "detail", detail);
	buf_addc(b, '}');
}

static void
add_errors(const struct rest *r, struct buf *b, const char *detail)
{
	const struct failure *f = &r->call.failure;
	char pointer[POINTER_MAX];

	buf_adds(b, ",\"errors\":[");
	for (size_t i = 0; i < r->nwrong; i++) {
		if (i > 0)
			buf_addc(b, ',');
		add_error(b, E100, r->wrong[i], "There is no such member here.");
	}
	if (r->nwrong == 0) {
		pointer_of(f, pointer);
		add_error(b, f->code, pointer, detail);
	}
	buf_addc(b, ']');
}

/* Adds the headers that a status goes with. */
static void
add_headers(const struct rest *r, int status)
{
	const struct failure *f = &r->call.failure;
	struct buf *h = &r->call.answer->headers;
	int64_t day = clock_now() / 1000000 % DAY_S;

	if (status == 401)
		buf_adds(h, "WWW-Authenticate: Bearer\r\n");
	if (status == 405)
		buf_printf(h, "Allow: %s\r\n", r->allow);
	if (status == 503)
		buf_adds(h, "Retry-After: 5\r\n");
	if (status == 429)
		buf_printf(h, "Retry-After: %" PRId64 "\r\n",
		    f->code == E120                 ? DAY_S - day :
			f->code == E106 && f->x > 0 ? (int64_t)f->x :
						      1);
}

/* Returns the title and, in detail, the text of the failure. One that no code tells has the text
 * of its own in the failure's detail. */
static const char *
texts(const struct rest *r, char detail[INFO_MAX])
{
	const struct failure *f = &r->call.failure;
	const char *title = error_text(DIALECT_C, f->code);

	if (f->code == E100 && f->detail != NULL)
		(void)snprintf(detail, INFO_MAX, "%s", f->detail);
	else
		error_info(DIALECT_C, f, detail, INFO_MAX);
	return title;
}

void
problem_answer(struct rest *r)
{
	struct call *c = &r->call;
	struct answer *a = c->answer;
	const char *base = base_url(c->app, c->http, c->arena), *title;
	char detail[INFO_MAX], type[INFO_MAX], id[UUID];
	int status = r->status != 0 ? r->status : problem_status(c->failure.code, c->lasting);

	title = texts(r, detail);
	uuid(id);
	log_info("problem urn:uuid:%s status=%d", id, status);
	a->status = status;
	a->refused = true;
	a->type = "application/problem+json";
	a->etag[0] = '\0';
	add_headers(r, status);
	buf_reset(&a->body);
	(void)snprintf(type, sizeof type, "%s/api/v2/problems/%s", base != NULL ? base : "",
	    error_code(c->failure.code));
	buf_addc(&a->body, '{');
	add_string(&a->body, "type", type);
	buf_addc(&a->body, ',');
	add_string(&a->body, "title", title);
	buf_printf(&a->body, ",\"status\":%d,", status);
	add_string(&a->body, "detail", detail);
	buf_printf(&a->body, ",\"instance\":\"urn:uuid:%s\",\"error-code\":\"%s\"", id,
	    error_code(c->failure.code));
	add_errors(r, &a->body, detail);
	buf_addc(&a->body, '}');
}

/* What a problem's type leads to: the code in words. */
bool
rest_problem(struct rest *r)
{
	struct buf *b = &r->call.answer->body;
	enum api_error e = error_by_code(r->part[0]);

	if (e == E_NONE)
		return rest_fail(r, E100, 404, "There is no such code.");
	buf_printf(b, "{\"error-code\":\"%s\",", error_code(e));
	add_string(b, "title", error_text(DIALECT_C, e));
	buf_printf(b, ",\"status\":%d}", problem_status(e, false));
	rest_tag(r->call.answer);
	return true;
}
