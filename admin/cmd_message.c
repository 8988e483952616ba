/*
 * message: the commands about messages, sent or held.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin/cmd.h"
#include "admin/lookup.h"
#include "admin/say.h"
#include "admin/table.h"
#include "admin/walk.h"
#include "base/arena.h"
#include "base/clock.h"
#include "ops/held.h"
#include "ops/helpers.h"
#include "store/store_held.h"

enum { MESSAGE_CAP = 16 << 20 };

/* Returns the name of the message's state, and sets *why to the reason if it is held, else to its
 * STATUSDETAILS. */
static const char *
state_of(struct store *st, const struct message *m, struct arena *a, const char **why)
{
	struct job *j;

	*why = m->why;
	if (m->state != MESSAGE_QUEUED || store_held_get(st, m->id, a, &j) != ST_OK)
		return message_state_name(m->state);
	*why = j->why;
	return "held";
}

static bool
list_row(struct table *t, struct store *st, const struct message *m, struct arena *a)
{
	char mmsid[24], created[CLOCK_TEXT], opened[24];
	const char *why;
	const char *const row[] = { m->tracking, account_name(st, m->account), mmsid, m->to,
		state_of(st, m, a, &why), message_leg_name(m->leg), m->class, m->carrier, created,
		opened };

	(void)snprintf(mmsid, sizeof mmsid, "%" PRIu64, m->mmsid);
	(void)snprintf(opened, sizeof opened, "%" PRIu64, m->opened);
	clock_iso(m->created, created);
	return table_row(t, row);
}

int
cmd_message_list(struct admin *ad)
{
	static const char *const head[] = { "TRACKINGID", "ACCOUNT", "MMSID", "TO", "STATE", "AS",
		"CLASS", "CARRIER", "CREATED", "OPENED" };
	static struct account ac;
	static struct table t;
	enum store_rc rc = ST_OK;
	uint64_t before = UINT64_MAX, account = 0;
	struct walk w = { 0 };

	if (ad->opt[OPT_ACCOUNT] != NULL) {
		if (find_account(ad, ad->opt[OPT_ACCOUNT], &ac) != DONE)
			return NOT_DONE;
		account = ac.id;
	}
	table_start(&t, stdout, isatty(STDOUT_FILENO) != 0, head, sizeof head / sizeof head[0]);
	while (rc == ST_OK) {
		struct arena *a = arena_new(MESSAGE_CAP);
		const uint64_t was = before;
		struct message *m = NULL;

		rc = a != NULL ? store_message_prev(ad->st, account, &before, a, &m) : ST_NOMEM;
		if (rc == ST_OK)
			rc = list_row(&t, ad->st, m, a) ? ST_OK : ST_NOMEM;
		else if (walk_past(&w, rc, before != was, "message %" PRIu64, before))
			rc = ST_OK;
		arena_free(&a);
	}
	table_end(&t);
	return walk_end(&w, rc, "the messages cannot be listed");
}

static void
line(const char *what, const char *text)
{
	if (text[0] == '\0')
		return;
	(void)printf("%s: ", what);
	text_print(stdout, text);
	(void)putchar('\n');
}

static void
time_line(const char *what, int64_t at)
{
	char text[CLOCK_TEXT];

	if (at == 0)
		return;
	clock_iso(at, text);
	(void)printf("%s: %s\n", what, text);
}

/* Returns the message that the command names. On failure prints why and returns NULL. */
static struct message *
find_message(struct admin *ad)
{
	struct message *m = NULL;
	enum store_rc rc = store_message_by_tracking(ad->st, ad->argv[0], ad->a, &m);

	if (rc == ST_NOTFOUND)
		(void)fail("there is no message %s; 'savemms message list' shows them",
		    ad->argv[0]);
	else if (rc != ST_OK)
		(void)fail_store(rc, ad->argv[0]);
	return rc == ST_OK ? m : NULL;
}

int
cmd_message_show(struct admin *ad)
{
	const char *state, *why;
	struct message *m;

	if ((m = find_message(ad)) == NULL)
		return NOT_DONE;
	state = state_of(ad->st, m, ad->a, &why);
	(void)printf("trackingid: %s\naccount: %s\nmmsid: %" PRIu64 "\nstate: %s\n", m->tracking,
	    account_name(ad->st, m->account), m->mmsid, state);
	line(m->state == MESSAGE_FAILED ? "outcome" : "report", m->outcome);
	line("why", why);
	line("sent as", message_leg_name(m->leg));
	line("class", m->class);
	line("carrier", m->carrier);
	line("transport", m->transport);
	line("transport's id", m->transport_id);
	line("handset", m->handset);
	line("to", m->to);
	line("from", m->from);
	line("operator", m->operator_id);
	line("subject", m->subject);
	line("fallback text", m->fallback);
	line("client reference", m->reference);
	time_line("created", m->created);
	time_line("sent", m->sent);
	time_line("reported", m->reported);
	time_line("page until", m->expires);
	time_line("not sent after", m->not_after);
	(void)printf("page: %s/m/%s\nopened: %" PRIu64 "\n", m->base, m->token, m->opened);
	for (size_t i = 0; i < m->ntext; i++)
		(void)printf("text of its own for slide %" PRIu32 "\n", m->text[i].slide);
	for (size_t i = 0; i < m->nvar; i++) {
		(void)printf("data %s: ", m->var[i].name);
		text_print(stdout, m->var[i].value);
		(void)putchar('\n');
	}
	return finish();
}

/* Returns the exit status for a message that was to be released or failed. */
static int
decided(struct admin *ad, enum store_rc rc)
{
	if (rc == ST_NOTFOUND)
		return fail("message %s is not held", ad->argv[0]);
	if (rc != ST_OK)
		return fail_store(rc, ad->argv[0]);
	helpers_wake(&ad->s); /* to hand it over, or to send the postback */
	return DONE;
}

int
cmd_message_release(struct admin *ad)
{
	const struct message *m = find_message(ad);

	return m != NULL ? decided(ad, store_held_release(ad->st, m->id)) : NOT_DONE;
}

int
cmd_message_fail(struct admin *ad)
{
	const struct message *m = find_message(ad);

	return m != NULL ? decided(ad, held_fail(ad->st, &ad->s, m->id)) : NOT_DONE;
}
