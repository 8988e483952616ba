/* trial: see trial.h */
#include "admin/trial.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"

static void
say(struct trial_line *out, bool well, const char *fact, const char *remedy)
{
	out->well = well;
	(void)snprintf(out->fact, sizeof out->fact, "%s", fact);
	(void)snprintf(out->remedy, sizeof out->remedy, "%s", remedy);
}

void
trial_of_answer(long status, const char *body, const char *why, struct trial_line *out)
{
	char fact[TRIAL_TEXT];

	(void)snprintf(fact, sizeof fact, "answers HTTP %ld, and not savemms", status);
	if (status == 0) {
		(void)snprintf(fact, sizeof fact, "does not answer: %s", why);
		say(out, false, fact, "is base-url right, and does the server run?");
	} else if (strstr(body, "<ERRORCODE>E100</ERRORCODE>") != NULL) {
		say(out, true, "answers, and runs savemms", "");
	} else if (strstr(body, "<ERRORCODE>E503</ERRORCODE>") != NULL) {
		say(out, false, "runs savemms, which cannot serve",
		    "see log/savemms.log of the instance and the web server's log of errors");
	} else if (strncmp(body, "#!", 2) == 0) {
		say(out, false, "shows the script instead of running it",
		    "the host must allow CGI in this folder: Options ExecCGI, AllowOverride");
	} else if (status == 500) {
		say(out, false, fact,
		    "its log of errors says why: .htaccess may use what the host forbids, or the "
		    "script may not run; it must be yours and have mode 755");
	} else if (status == 403) {
		say(out, false, fact,
		    "the server must be able to enter the folders: chmod 711 your home folder, "
		    "chmod 755 the web folder");
	} else if (status == 404) {
		say(out, false, fact,
		    "is this the address of the web folder? Else the host ignores .htaccess "
		    "(AllowOverride) or has no mod_rewrite");
	} else if (status >= 300 && status < 400) {
		say(out, false, fact, "set base-url to the address that it redirects to");
	} else {
		say(out, false, fact, "is base-url the address of the web folder?");
	}
}

void
trial_of_save(long status, const char *body, uint64_t *mmsid, struct trial_line *out)
{
	const char *id = strstr(body, "<MMSID>"), *error = strstr(body, "<ERRORCODE>");
	char text[24], fact[TRIAL_TEXT];
	size_t n = id != NULL ? strspn(id + 7, "0123456789") : 0;

	if (n > 0 && n < sizeof text) {
		(void)snprintf(text, sizeof text, "%.*s", (int)n, id + 7);
		if (num_u64(text, 1, UINT64_MAX, mmsid)) {
			say(out, true, "an MMS can be saved", "");
			return;
		}
	}
	(void)snprintf(fact, sizeof fact, "HTTP %ld%s%.*s: nothing was saved", status,
	    error != NULL ? ", error " : "", error != NULL ? (int)strcspn(error + 11, "<") : 0,
	    error != NULL ? error + 11 : "");
	say(out, false, fact,
	    status == 500 || error == NULL ? "POST may be forbidden, or the program ended: see the "
					     "web server's log of errors" :
					     "see log/savemms.log of the instance");
}

void
trial_of_helper(const struct trial_helper *h, struct trial_line *out)
{
	static const char cron[] = "the crontab line does the same work, once a minute";
	int wanted = h->first_ms + 3000;
	char fact[TRIAL_TEXT];

	if (h->busy) {
		say(out, true, "one runs already, with work of others, and was not tried", "");
	} else if (h->first_ms < 0) {
		say(out, false, "was not started by the request, or was ended at once", cron);
	} else if (h->last_ms >= wanted) {
		say(out, true, "lives on after the request that started it", "");
	} else if (h->linger_s < 4) {
		say(out, true, "runs after the request; it ends too soon to tell more",
		    "set helper-linger to 5 and try again to see whether the host ends it");
	} else {
		(void)snprintf(fact, sizeof fact, "was ended by the host after %d ms", h->last_ms);
		say(out, false, fact, cron);
	}
}
