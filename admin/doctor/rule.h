/*
 * rule: decides what the facts that doctor looked at mean: is it well, and what is to be
 * done? Pure.
 */
#ifndef SM_RULE_H
#define SM_RULE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "model/settings.h"
#include "ops/finding.h"

struct url_facts {
	const char *origin; /* of what was asked; "": nobody said where the server is */
	bool answered;      /* it sent an HTTP answer; else why has the reason */
	const char *why;
	long status;
	bool ours;     /* it is savemms that answers */
	bool instance; /* and it serves this instance */
	bool witness;  /* the file to tell that by could be made */
	uint64_t ms;
};
void rule_url(const struct url_facts *u, struct finding *f);

struct tls_facts {
	bool https, loopback; /* of the URL */
	bool connected;       /* TLS was agreed on, or none is used */
	bool untrusted;       /* the certificate was refused: why */
	const char *why;
	int64_t left_s; /* of the certificate; INT64_MAX: not known */
};
void rule_tls(const struct tls_facts *t, struct finding *f);

/* Compares this clock with that of the server: server_s is the answer's Date, 0 if it has none, and
 * now_s this clock when the answer had come. */
void rule_time(int64_t now_s, int64_t server_s, struct finding *f);

struct disk_facts {
	uint64_t free, size, reserve; /* bytes */
	uint64_t files_free, files;   /* inodes; files 0: the file system does not count them */
};
void rule_disk(const struct disk_facts *d, struct finding *f);

struct file_facts {
	const char *path;
	int err; /* errno of stat(), 0: it is there */
	uid_t owner, wanted;
	mode_t mode;
};
void rule_file(const struct file_facts *x, struct finding *f);

/* Judges a store that answers, by its layout (store/migrate.h). */
void rule_store(uint64_t templates, uint64_t layout, struct finding *f);

struct helper_facts {
	unsigned running;
	int64_t overdue_s; /* how long a job has been due that nobody has taken */
	int64_t last_s;    /* how long ago a helper last began or ended; -1: never */
	bool starts; /* the web server's program starts helpers (helper-program is not none) */
};
void rule_helper(const struct helper_facts *h, struct finding *f);

/* The jobs that wait for the operator: dead[] by enum job_kind, encodes, messages, postbacks. */
void rule_queue(uint64_t encodes, uint64_t messages, uint64_t postbacks, struct finding *f);

struct codec_facts {
	const char *why;     /* why nothing came out; "": something did */
	const char *lacking; /* the classes for which nothing came out, with blanks; "": none */
	unsigned classes;
	uint64_t ms;
};
void rule_codec(const struct codec_facts *c, struct finding *f);

/* Judges what "savemms-transcode --fonts" printed; "" if it could not be run, and why then says
 * more. */
void rule_fonts(const char *lines, const char *why, struct finding *f);

struct dns_facts {
	const char *name;  /* that was looked up; "": there is none to look up */
	const char *why;   /* why it could not be; "": it could */
	bool no_such_name; /* the name servers answered that there is none */
	uint64_t ms;
};
void rule_dns(const struct dns_facts *d, struct finding *f);

/* Says where media may come from and postbacks may go to. */
void rule_outgoing(const struct settings *s, struct finding *f);

struct reach_facts {
	const char *origin; /* scheme, host and port */
	const char *who;    /* what needs it: accounts, or a transport */
	bool reached;
	const char *why;
	bool operators; /* savemms.conf names it; else an account does, and the policy applies */
	uint64_t ms;
};
/* Says whether it can be connected to. Of an account's name it never says to which address it
 * leads: that may be one of this network, and the account's people see what is said. */
void rule_reach(const struct reach_facts *x, struct finding *f);

/* Sets a finding: its fact is the formatted text. */
void rule_set(struct finding *f, enum finding_level level, const char *remedy, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif
