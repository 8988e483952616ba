/* The rules of rule.h for this machine and for what it reaches. */
#include "admin/doctor/rule.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/net.h"
#include "net/address_policy.h"

void
rule_codec(const struct codec_facts *c, struct finding *f)
{
	static const char remedy[] =
	    "log/savemms.log has the reason; libav* needs x264, LAME and AMR (libavcodec-extra), and "
	    "savemms-transcode --cage-report must find what the kernel has";

	if (c->why[0] != '\0')
		rule_set(f, FINDING_FAILED, remedy, "cannot be made: %s", c->why);
	else if (c->lacking[0] != '\0')
		rule_set(f, FINDING_FAILED, remedy, "cannot be made for the classes %s",
		    c->lacking);
	else
		rule_set(f, FINDING_OK, "", "made for %u classes in %" PRIu64 " ms", c->classes,
		    c->ms);
}

/* Collects the scripts whose line begins with "missing" in list, and tells whether word is one of
 * them. */
static bool
is_missing(const char *lines, const char *word)
{
	char line[64];

	(void)snprintf(line, sizeof line, "missing %s\n", word);
	return strstr(lines, line) != NULL;
}

static void
list_missing(const char *lines, char *out, size_t size)
{
	static const char word[] = "missing ";
	size_t n = 0;

	out[0] = '\0';
	for (const char *p = lines; (p = strstr(p, word)) != NULL;) {
		size_t len;

		p += sizeof word - 1;
		len = strcspn(p, "\n");
		if (n + len + 3 > size)
			return;
		n += (size_t)snprintf(out + n, size - n, "%s%.*s", n > 0 ? ", " : "", (int)len, p);
	}
}

void
rule_fonts(const char *lines, const char *why, struct finding *f)
{
	static const char remedy[] =
	    "install fonts that have them: the Debian packages fonts-noto-core, "
	    "fonts-noto-color-emoji, fonts-noto-cjk";
	char missing[200];

	list_missing(lines, missing, sizeof missing);
	if (strstr(lines, "ok ") == NULL && missing[0] == '\0')
		rule_set(f, FINDING_FAILED, remedy, "cannot be examined: %s", why);
	else if (is_missing(lines, "Latin"))
		rule_set(f, FINDING_FAILED, remedy,
		    "there is none: personal images would have boxes for letters");
	else if (is_missing(lines, "emoji"))
		rule_set(f, FINDING_WARNING, remedy, "these would be boxes in personal images: %s",
		    missing);
	else if (missing[0] != '\0')
		rule_set(f, FINDING_OK, "", "Latin and emoji are there; boxes for: %s", missing);
	else
		rule_set(f, FINDING_OK, "", "all scripts that are tried have letters");
}

void
rule_outgoing(const struct settings *s, struct finding *f)
{
	static const char *const risky[] = { "169.254.169.254", "127.0.0.1", "10.0.0.1",
		"192.168.0.1", "172.16.0.1" };
	const char *opened = NULL;
	bool some = s->outgoing_allow[0] != '\0';
	struct ip ip;

	for (size_t i = 0; i < sizeof risky / sizeof risky[0] && opened == NULL; i++)
		if (ip_parse(risky[i], &ip) && address_policy_allows(s, &ip) == NULL)
			opened = risky[i];
	if (opened != NULL)
		rule_set(f, FINDING_WARNING,
		    "name in outgoing-allow only the addresses of the media servers that are meant",
		    "customers' URLs may reach addresses inside, such as %s (outgoing-allow = %.200s)",
		    opened, s->outgoing_allow);
	else
		rule_set(f, FINDING_OK, "", "public addresses%s%.150s, ports %.100s",
		    some ? " and " : "", s->outgoing_allow, s->outgoing_ports);
}

void
rule_reach(const struct reach_facts *x, struct finding *f)
{
	bool refused = strstr(x->why, " refused: ") != NULL || strstr(x->why, "port not") != NULL;

	if (x->reached)
		rule_set(f, FINDING_OK, "", "%s (%s) can be reached (%" PRIu64 " ms)", x->origin,
		    x->who, x->ms);
	else if (x->operators)
		rule_set(f, FINDING_FAILED,
		    "check the line of the transport in savemms.conf, the firewall, and the other side",
		    "%s (%s) cannot be reached: %s", x->origin, x->who, x->why);
	else
		rule_set(f, FINDING_WARNING,
		    refused ? "allow it with outgoing-allow or outgoing-ports if it is meant" :
			      "tell the customer, or correct postback-url",
		    "%s (%s) cannot be reached: %s", x->origin, x->who,
		    refused ? "the address policy refuses it" : x->why);
}
