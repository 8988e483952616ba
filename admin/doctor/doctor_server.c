/*
 * doctor_server: looks at the web server from outside, and at the names that must be looked up.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "admin/doctor/doctor.h"
#include "admin/doctor/rule.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/net.h"
#include "net/http_client_look.h"
#include "ops/witness.h"

enum { ANSWER_MAX = 4096, PATIENCE_MS = 10000, URL_MAX = 1024, HOST_MAX = 256 };

/* Sets host to the host of an origin (http_client_look.h), without the brackets of IPv6, and
 * returns whether that is https. */
static bool
take_host(const char *origin, char host[HOST_MAX])
{
	const char *p = strstr(origin, "://");
	bool bracket;

	p = p != NULL ? p + 3 : origin;
	bracket = *p == '[';
	p += bracket;
	(void)snprintf(host, HOST_MAX, "%.*s", (int)strcspn(p, bracket ? "]" : ":"), p);
	return strncmp(origin, "https:", 6) == 0;
}

static bool
is_loopback(const char *host)
{
	struct ip ip;

	return strcmp(host, "localhost") == 0 ||
	    (ip_parse(host, &ip) && net_list_has("127.0.0.0/8, ::1", &ip));
}

/* Judges the answer to a look at /healthz. */
static void
judge(const struct http_client_look *look, const char *body, struct url_facts *u,
    struct doctor_report *r)
{
	char host[HOST_MAX];
	struct tls_facts t = { .connected = look->status != 0,
		.untrusted = look->untrusted,
		.why = look->why,
		.left_s = look->ends != 0 ? look->ends - (int64_t)time(NULL) : INT64_MAX };

	u->answered = look->rc == HTTP_CLIENT_OK;
	u->why = look->why;
	u->status = look->status;
	u->ms = look->took_ms;
	u->instance = strncmp(body, WITNESS_SEEN "\n", sizeof WITNESS_SEEN) == 0;
	u->ours = u->instance || strncmp(body, "ok\n", 3) == 0;
	rule_url(u, doctor_add(r, "url"));
	t.https = take_host(u->origin, host);
	t.loopback = is_loopback(host);
	rule_tls(&t, doctor_add(r, "tls"));
	rule_time((int64_t)time(NULL), look->date, doctor_add(r, "time"));
}

/* Asks /healthz, below d->url, with the word of a witness if there is one. */
static void
ask(const struct doctor *d, const char *word, struct url_facts *u, struct doctor_report *r)
{
	char url[URL_MAX];
	struct buf body;
	struct http_client_look look = { .url = url,
		.ms = PATIENCE_MS,
		.operators = true,
		.answer = &body };

	buf_init(&body, ANSWER_MAX);
	(void)snprintf(url, sizeof url, "%s/healthz%s%s", d->url,
	    u->witness ? "?" WITNESS_QUERY : "", u->witness ? word : "");
	http_client_look(&d->settings, &look);
	judge(&look, buf_str(&body), u, r);
	buf_free(&body);
}

void
check_server(const struct doctor *d, struct doctor_report *r)
{
	char origin[HTTP_CLIENT_ORIGIN] = "", word[WITNESS];
	struct url_facts u = { .origin = origin, .why = "" };

	if (d->url[0] == '\0') {
		rule_url(&u, doctor_add(r, "url"));
		return;
	}
	if (!http_client_origin(d->url, origin)) {
		rule_set(doctor_add(r, "url"), FINDING_FAILED, "write http://HOST or https://HOST",
		    "%.100s is not a URL", d->url);
		return;
	}
	u.witness = witness_make(&d->settings, word) == 0;
	ask(d, word, &u, r);
	if (u.witness)
		witness_remove(&d->settings, word);
}

/* --- names ---------------------------------------------------------------------------- */

/* Looks the name up. Returns what getaddrinfo(3) does. */
static int
look_up(const char *name)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	int rc = getaddrinfo(name, NULL, &hints, &list);

	if (list != NULL)
		freeaddrinfo(list);
	return rc;
}

/* Sets name to the first name that has to be looked up: that of the server, or of an account's
 * postback-url; "" if there is none. */
static void
first_name(const struct doctor *d, char name[HOST_MAX])
{
	struct account *ac = calloc(1, sizeof *ac);
	char origin[HTTP_CLIENT_ORIGIN], after[ACCOUNT_NAME] = "";
	struct ip ip;

	name[0] = '\0';
	if (http_client_origin(d->url, origin))
		(void)take_host(origin, name);
	for (bool more = d->st != NULL && ac != NULL;
	     more && (name[0] == '\0' || ip_parse(name, &ip));) {
		more = store_account_next(d->st, after, ac) == ST_OK;
		if (more)
			(void)snprintf(after, sizeof after, "%s", ac->name);
		if (more && http_client_origin(ac->postback_url, origin))
			(void)take_host(origin, name);
	}
	if (ip_parse(name, &ip))
		name[0] = '\0';
	free(ac);
}

void
check_dns(const struct doctor *d, struct doctor_report *r)
{
	char name[HOST_MAX];
	struct dns_facts x = { .name = name, .why = "" };
	int64_t began = clock_mono();
	int rc;

	first_name(d, name);
	rc = name[0] != '\0' ? look_up(name) : 0;
	if (rc != 0)
		x.why = gai_strerror(rc);
	x.no_such_name = rc == EAI_NONAME;
	x.ms = (uint64_t)(clock_mono() - began) / 1000;
	rule_dns(&x, doctor_add(r, "dns"));
}
