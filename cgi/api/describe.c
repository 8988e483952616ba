/* describe: see describe.h */
#include "cgi/api/describe.h"

#include "cgi/answer_doc.h"
#include "cgi/app.h"
#include "cgi/url.h"

void
describe_head(struct call *c, const struct template *t, bool listed)
{
	struct answer *a = c->answer;

	if (t->id != 0)
		answer_id(a, ANSWER_MMSID, t->id);
	answer_text(a, listed ? ANSWER_LISTED_NAME : ANSWER_NAME, t->name);
	answer_text(a, listed ? ANSWER_LISTED_SUBJECT : ANSWER_SUBJECT, t->subject);
	answer_given(a, ANSWER_FALLBACK, t->fallback);
}

void
describe_created(struct call *c, const struct template *t)
{
	answer_time(c->answer, ANSWER_DATE_CREATED, t->created);
}

void
describe_tail(struct call *c, const struct template *t)
{
	struct answer *a = c->answer;
	enum format f;
	const char *poster = template_poster(t, &f);

	answer_number(a, ANSWER_TOTAL_SLIDES, t->nslide);
	answer_number(a, ANSWER_SIZE, template_size(t));
	if (poster != NULL && t->id != 0)
		answer_text(a, ANSWER_POSTER_URL, media_url(c, poster, f));
}
