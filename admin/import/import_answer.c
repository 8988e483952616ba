/* import_answer: see import.h. Pure. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/import/import.h"
#include "base/ascii.h"
#include "base/num.h"
#include "model/error.h"
#include "model/text.h"
#include "request/charset.h"
#include "request/document.h"
#include "request/xmltree.h"

enum {
	WAIT_MOST = 60, /* seconds: nobody sits before a command for longer between two lines */
	INFO = 200,     /* bytes of an error's words that are told */
	WAIT_BUSY = 30  /* seconds: the five waits of import_save() are longer than the lease of a
	                   key whose server was killed (savemms-api(7), Repeating a request) */
};

/* The failures that are not those of one template. */
static const struct rule {
	enum api_error code;
	enum import_verdict verdict;
	unsigned wait_s;
	const char *remedy; /* of IMPORT_STOP; NULL: none */
} rules[] = {
	{ E104, IMPORT_STOP, 0, "is this the server of the instance that -C names?" },
	{ E105, IMPORT_STOP, 0, "see 'savemms account set NAME rights=on'" },
	{ E106, IMPORT_LATER, 1, NULL },
	{ E107, IMPORT_STOP, 0, "allow saveMMS among the account's actions" },
	{ E109, IMPORT_STOP, 0, "see 'savemms account set NAME api=on'" },
	{ E112, IMPORT_STOP, 0, "allow this machine in the account's ip-whitelist" },
	{ E113, IMPORT_LATER, 1, NULL },
	{ E120, IMPORT_STOP, 0, "go on tomorrow, or raise the account's daily-limit meanwhile" },
	{ E503, IMPORT_LATER, 5, NULL },
};

/* Returns the code if it has the form of one. Others are not repeated: they are any stranger's
 * words. */
static const char *
form_of(const char *code)
{
	return strlen(code) <= IMPORT_CODE && ascii_only(code, ASCII_ALNUM) ? code :
									      "an unknown code";
}

/* Is this the failure of a medium that could not be fetched? */
static bool
is_gone(const char *code)
{
	static const enum api_error copy[] = {
#define KIND(name, element, pair, limit, copy, ...) copy,
#include "model/media.def"
#undef KIND
	};

	for (size_t i = 0; i < sizeof copy / sizeof copy[0]; i++)
		if (strcmp(code, error_code(copy[i])) == 0)
			return true;
	return false;
}

/* Sets how long to wait after a call that came too early. */
static void
judge_interval(const struct account *ac, struct import_answer *out)
{
	if (ac->min_interval > out->wait_s)
		out->wait_s = (unsigned)ac->min_interval;
	if (out->wait_s <= WAIT_MOST)
		return;
	out->verdict = IMPORT_STOP;
	(void)snprintf(out->text, sizeof out->text,
	    "the account may call every %u seconds only: lower its min-interval meanwhile",
	    out->wait_s);
}

/* Sets the verdict for a failure with this code. */
static void
judge_code(const struct account *ac, const char *code, const char *info, struct import_answer *out)
{
	int n = (int)text_within(info, strlen(info), INFO);

	out->verdict = IMPORT_REFUSED;
	out->gone = is_gone(code);
	(void)snprintf(out->text, sizeof out->text, "%s: %.*s", form_of(code), n, info);
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		const struct rule *r = &rules[i];

		if (strcmp(code, error_code(r->code)) != 0)
			continue;
		out->verdict = r->verdict;
		out->wait_s = r->wait_s;
		if (r->remedy != NULL)
			(void)snprintf(out->text, sizeof out->text, "%s: %.*s: %s", code, n, info,
			    r->remedy);
		if (r->code == E106)
			judge_interval(ac, out);
	}
}

static const char *
text_of(const struct xnode *root, const char *name)
{
	const struct xnode *n = xnode_child(root, name);

	return n != NULL ? n->text : "";
}

void
import_answer_judge(struct arena *a, const struct account *ac, long status, const char *body,
    struct import_answer *out)
{
	const struct charset_in in = { .p = body, .n = strlen(body), .named = "" };
	struct xnode *root = NULL;
	struct failure f = { 0 };

	*out = (struct import_answer){ .verdict = IMPORT_STOP };
	if (status == 0) {
		(void)snprintf(out->text, sizeof out->text,
		    "the server does not answer: %.160s; does it run, and is base-url or --url right?",
		    body);
		return;
	}
	if (document_form(body, in.n) == DOCUMENT_XML)
		root = document_xml(a, &in, false, &f);
	if (status == 409) {
		out->verdict = IMPORT_LATER;
		out->wait_s = WAIT_BUSY;
		(void)snprintf(out->text, sizeof out->text,
		    "HTTP 409, as an earlier request for it is still being carried out");
	} else if (root != NULL && text_of(root, "ERRORCODE")[0] != '\0') {
		judge_code(ac, text_of(root, "ERRORCODE"), text_of(root, "ERRORINFO"), out);
	} else if (root != NULL && num_u64(text_of(root, "MMSID"), 1, UINT64_MAX, &out->mmsid)) {
		out->verdict = IMPORT_SAVED;
	} else if (status == 503) {
		out->verdict = IMPORT_LATER;
		out->wait_s = 5;
		(void)snprintf(out->text, sizeof out->text, "HTTP 503");
	} else {
		(void)snprintf(out->text, sizeof out->text,
		    "HTTP %ld, which is no answer of savemms; is base-url or --url right?", status);
	}
}
