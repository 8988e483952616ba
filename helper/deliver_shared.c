/* deliver_shared: see deliver_shared.h */
#include "helper/deliver_shared.h"

#include <inttypes.h>

#include "base/log.h"

enum store_rc
deliver_template(struct deliver_shared *s, uint64_t id, const struct template **t)
{
	struct template *got = NULL;
	enum store_rc rc;

	for (unsigned i = 0; i < DELIVER_SHARED && i < s->ntemplate; i++)
		if (s->template[i].id == id) {
			*t = s->template[i].t;
			return ST_OK;
		}
	rc = store_template_get(s->st, 0, id, s->arena, &got);
	if (rc != ST_OK && rc != ST_NOTFOUND) {
		log_error("template %" PRIu64 ": %s", id, store_rc_text(rc));
		return rc;
	}
	*t = rc == ST_OK ? got : NULL;
	s->template[s->ntemplate % DELIVER_SHARED].id = id;
	s->template[s->ntemplate++ % DELIVER_SHARED].t = *t;
	return ST_OK;
}

bool
deliver_wants_postbacks(struct deliver_shared *s, const struct message *m, enum dialect *d)
{
	struct account ac;
	bool wants = true, read;
	unsigned i;

	for (i = 0; i < DELIVER_SHARED && i < s->naccount; i++)
		if (s->account[i].id == m->account)
			break;
	if (i == DELIVER_SHARED || i == s->naccount) {
		if ((read = store_account_by_id(s->st, m->account, &ac) == ST_OK))
			wants = account_wants_postbacks(&ac);
		i = s->naccount++ % DELIVER_SHARED;
		s->account[i].id = m->account;
		s->account[i].wants_postbacks = wants;
		for (enum dialect own = 0; own < DIALECTS; own++)
			s->account[i].dialect[own] = read ? account_postback_dialect(&ac, own) :
							    own;
	}
	*d = s->account[i].dialect[m->dialect];
	return s->account[i].wants_postbacks;
}
