/*
 * serve_conf: the web-server configuration of "savemms serve".
 */
#ifndef SM_SERVE_CONF_H
#define SM_SERVE_CONF_H

#include <stddef.h>

struct settings;
struct arena;

enum serve_way {
	WAY_LIGHTTPD_FASTCGI,
	WAY_LIGHTTPD_CGI,
	WAY_APACHE_FCGID,
	WAY_APACHE_PROXY,
	WAY_APACHE_CGID,
	WAYS
};

enum { SERVE_PATH = 2048 };

struct serve {
	const struct settings *s;
	enum serve_way way;
	unsigned port;
	char share[SERVE_PATH], libexec[SERVE_PATH]; /* folders, absolute */
	char fcgi[SERVE_PATH], helper[SERVE_PATH];   /* the programs */
	char run[SERVE_PATH], log[SERVE_PATH];       /* folders of the instance */
	char conf[SERVE_PATH], part[SERVE_PATH];     /* what is written */
	char socket[SERVE_PATH];                     /* of savemms.fcgi, for WAY_APACHE_PROXY */
};

/* Is it one of Apache's? */
int way_is_apache(enum serve_way w);

/* Finds the folders and programs and names the files. 0, or -1 and in err what
 * is missing. */
int serve_locate(struct serve *sv, char *err, size_t errlen) __attribute__((warn_unused_result));

/* Writes sv->conf and sv->part, mode 0600, from the shipped templates. 0, or -1
 * and the reason in err. */
int serve_write(const struct serve *sv, struct arena *a, char *err, size_t errlen)
    __attribute__((warn_unused_result));

#endif
