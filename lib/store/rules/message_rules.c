/* message_rules: see message_rules.h */
#include "store/rules/message_rules.h"

struct message
message_ended(const struct message *stored, const struct message *given)
{
	struct message m = *given;

	m.opened = stored->opened; /* its page may be viewed before it is recorded as sent */
	m.version = stored->version + 1;
	return m;
}

enum store_rc
message_reported(struct message *m, const struct report *r, int64_t now)
{
	if (m->state == MESSAGE_QUEUED)
		return ST_AGAIN;
	if (m->state != MESSAGE_SENT)
		return ST_EXISTS;
	m->state = r->kind == REPORT_DELIVERED ? MESSAGE_DELIVERED : MESSAGE_UNDELIVERED;
	m->reported = now;
	m->handset = r->handset;
	m->outcome = report_kind_name(r->kind);
	m->why = r->details;
	m->version++;
	return ST_OK;
}

void
message_failed(struct message *m, const char *why, int64_t now)
{
	m->state = MESSAGE_FAILED;
	m->reported = now;
	m->why = why;
	m->version++;
}

void
message_expired(struct message *m, int64_t now)
{
	message_failed(m, MESSAGE_EXPIRED, now);
	m->outcome = report_kind_name(REPORT_EXPIRED);
}

bool
message_given_up(struct message *m, const char *why, int64_t now)
{
	if (m->state != MESSAGE_QUEUED)
		return false;
	message_failed(m, why, now);
	return true;
}

enum expire
message_expires(const struct message *m, int64_t before)
{
	if (m->created >= before)
		return EXPIRE_STOP;
	return m->state == MESSAGE_QUEUED ? EXPIRE_KEEP : EXPIRE_REMOVE;
}
