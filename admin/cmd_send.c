/*
 * send --dry-run: shows what sending would do, with the same functions that the helper uses.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/cmd.h"
#include "admin/data.h"
#include "admin/image_admin.h"
#include "admin/lookup.h"
#include "admin/say.h"
#include "admin/table.h"
#include "base/arena.h"
#include "personal/personal_compose.h"
#include "send/choose_class.h"
#include "send/compose_sms.h"

static void
print_objects(const struct template *t, unsigned attach)
{
	for (size_t i = 0; i < t->nslide; i++)
		for (size_t k = 0; k < t->slide[i].nmedium; k++) {
			enum kind kind = t->slide[i].medium[k].kind;

			if (kind_is_object(kind))
				(void)printf("%s of slide %zu: %s\n", kind_pair(kind), i + 1,
				    attach & (1U << kind) ? "attached" : "as a link");
		}
}

static void
print_parts(const struct composed *c)
{
	for (size_t i = 0; i < c->npart; i++) {
		const struct compose_part *p = &c->part[i];

		(void)printf("part %s: %s %" PRIu64 " bytes\n", p->id, p->type, p->bytes);
		if (strcmp(p->type, "text/plain") == 0 && p->own != NULL) {
			(void)fputs("  ", stdout);
			text_print(stdout, p->own);
			(void)putchar('\n');
		}
	}
}

static void
print_transport(const struct transport *t)
{
	/* a gateway's URL may contain a password after its question mark */
	(void)printf("transport: %s (%s%s%.*s)\n", t->name, routing_kind_name(t->kind),
	    t->url[0] != '\0' ? ", " : "", (int)strcspn(t->url, "?"), t->url);
}

static int
print_failure(const char *why)
{
	(void)fputs("result: it would fail (E101): ", stdout);
	text_print(stdout, why);
	(void)putchar('\n');
	return finish();
}

static int
print_sms(struct admin *ad, const struct decision *d, const struct compose_in *in)
{
	struct sms sms;

	if (in->m->no_fallback)
		return print_failure("the fallback SMS is disabled");
	if (!compose_sms(ad->a, in, &sms))
		return fail("out of memory");
	if (sms.text[0] == '\0')
		return print_failure("the fallback SMS is empty once its tags are filled in");
	(void)printf("result: sent as fallback SMS\n");
	print_transport(
	    routing_transport(&ad->s.routing, ad->s.sms_routes, in->m->from, d->carrier));
	if (sms.cut > 0)
		(void)printf("cut: the text is too long by %zu characters\n", sms.cut);
	(void)fputs("text: ", stdout);
	text_print(stdout, sms.text);
	(void)putchar('\n');
	return finish();
}

static void
print_why(const char *why)
{
	(void)fputs("why: ", stdout);
	text_print(stdout, why);
	(void)putchar('\n');
}

static int
print_mms(const struct template *t, const struct decision *d, const struct choice *best)
{
	print_why(d->why);
	(void)printf("result: sent as MMS\nclass: %s\nbytes: %" PRIu64 "\nbytes as sent: %" PRIu64
		     "\n",
	    best->class->name, best->mms->air, best->mms->wire);
	print_transport(d->transport);
	print_objects(t, best->attach);
	(void)fputs("subject: ", stdout);
	text_print(stdout, best->mms->subject);
	(void)putchar('\n');
	print_parts(best->mms);
	return finish();
}

/* Draws the personal image, if there is one, as the helper would, and prints what becomes of the
 * message. */
static int
print_drawn(struct admin *ad, const struct decision *d, const struct compose_in *in,
    struct choice *best)
{
	struct transcoder *transcoder = image_transcoder(ad);
	const struct image_tools tools = { transcoder, &ad->s };
	const struct personal_place at = { &tools, ad->st, in->t->account, d, ad->a };
	char why[TRANSCODE_WHY] = "";
	enum personal_image_rc rc;

	if (transcoder == NULL)
		return NOT_DONE;
	rc = personal_compose(&at, in, best, why);
	transcoder_free(&transcoder);
	if (rc == PERSONAL_IMAGE_OK)
		return print_mms(in->t, d, best);
	if (rc == PERSONAL_IMAGE_VALUE)
		return print_failure(why);
	if (rc == PERSONAL_IMAGE_FAILED)
		return fail("the personal image cannot be made now: %s", why);
	print_why(why);
	return print_sms(ad, d, in);
}

static int
print_all(struct admin *ad, const struct template *t, struct message *m, const char *handset)
{
	const struct compose_in in = { .t = t,
		.m = m,
		.class = "",
		.page = "https://HOST/m/TOKEN",
		.report_url = "https://HOST/report/sms/TRACKINGID",
		.subject_chars = ad->s.max_subject_chars };
	struct decision d;
	struct choice best;
	char why[COMPOSE_WHY];

	choose_class(&ad->s, t, m, handset, &d);
	(void)snprintf(m->carrier, sizeof m->carrier, "%s",
	    d.carrier != NULL ? d.carrier->name : "");
	if (!compose_largest(ad->a, &d, &in, &best))
		return fail("out of memory");
	if (best.mms != NULL)
		return print_drawn(ad, &d, &in, &best);
	compose_explain(&d, best.least, why);
	print_why(why);
	return print_sms(ad, &d, &in);
}

int
cmd_send(struct admin *ad)
{
	struct message m = message_to_nobody;
	const struct template *t;
	const char *handset = "";
	enum store_rc rc;
	uint64_t id;

	if (ad->opt[OPT_DRY_RUN] == NULL)
		return wrong(
		    "this command sends nothing and needs --dry-run; sendSavedMMS of the API sends messages");
	if (ad->opt[OPT_TO] == NULL)
		return wrong("--to is missing: give the recipient's number");
	if (!word_id("an MMSID", ad->argv[0], &id) || !read_data(ad, &m))
		return WRONG_USAGE;
	if ((t = find_template(ad, ad->argv[0])) == NULL)
		return NOT_DONE;
	if (template_state(t) != TEMPLATE_READY)
		return fail("template %" PRIu64 " is %s: it cannot be sent", id,
		    template_state_name(template_state(t)));
	m.base = "https://HOST";
	m.to = ad->opt[OPT_TO];
	if (ad->opt[OPT_FROM] != NULL)
		m.from = ad->opt[OPT_FROM];
	if (ad->opt[OPT_OPERATOR] != NULL)
		m.operator_id = ad->opt[OPT_OPERATOR];
	m.no_fallback = t->no_fallback;
	m.no_fallback_link = t->no_fallback_link;
	if (ad->opt[OPT_HANDSET] != NULL)
		handset = ad->opt[OPT_HANDSET];
	else if ((rc = store_handset_get(ad->st, m.to, ad->a, &handset)) != ST_OK &&
	    rc != ST_NOTFOUND)
		return fail_store(rc, "the handset of the number cannot be read");
	return print_all(ad, t, &m, handset);
}
