/*
 * serve_conf: writes the web-server configuration for "savemms serve".
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
	char conf[SERVE_PATH], part[SERVE_PATH];     /* the files that serve_write() writes */
	char socket[SERVE_PATH];                     /* of savemms.fcgi, for WAY_APACHE_PROXY */
};

/* Returns whether the way uses Apache. */
int way_is_apache(enum serve_way w);

/* Finds the folders and programs and sets the names of the files. Returns 0, or -1 with what is
 * missing in err. */
int serve_locate(struct serve *sv, char *err, size_t errlen) __attribute__((warn_unused_result));

/* Writes sv->conf and sv->part, mode 0600, from the shipped templates. Returns 0, or -1 with the
 * reason in err. */
int serve_write(const struct serve *sv, struct arena *a, char *err, size_t errlen)
    __attribute__((warn_unused_result));

#endif
