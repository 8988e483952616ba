/*
 * serve: runs a web server for one instance in the foreground on 127.0.0.1, with a helper beside
 * it. Everything it starts ends with it. It never listens on another address: an administrator sets
 * up a public server from the same configuration files.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "admin/serve/children.h"
#include "admin/cmd.h"
#include "admin/owner.h"
#include "admin/serve/probe.h"
#include "admin/say.h"
#include "admin/serve/serve_conf.h"
#include "base/arena.h"
#include "base/file.h"
#include "base/num.h"

enum {
	PORT = 8080,
	READY_TRIES = 300, /* probes of the server */
	READY_MS = 100,    /* milliseconds between two probes */
	BACKLOG = 512,
};

extern char **environ;

/* Finds the way that --server, --module and --cgi ask for. */
static int
choose_way(const struct admin *ad, enum serve_way *way)
{
	const char *server = ad->opt[OPT_SERVER], *module = ad->opt[OPT_MODULE];
	bool cgi = ad->opt[OPT_CGI] != NULL;

	if (server == NULL || strcmp(server, "lighttpd") == 0) {
		if (module != NULL)
			return wrong("--module needs --server apache");
		*way = cgi ? WAY_LIGHTTPD_CGI : WAY_LIGHTTPD_FASTCGI;
		return DONE;
	}
	if (strcmp(server, "apache") != 0)
		return wrong("--server is lighttpd or apache, not '%s'", server);
	if (module == NULL)
		*way = cgi ? WAY_APACHE_CGID : WAY_APACHE_FCGID;
	else if (strcmp(module, "cgid") == 0)
		*way = WAY_APACHE_CGID;
	else if (strcmp(module, "fcgid") == 0)
		*way = WAY_APACHE_FCGID;
	else if (strcmp(module, "proxy_fcgi") == 0)
		*way = WAY_APACHE_PROXY;
	else
		return wrong("--module is fcgid, proxy_fcgi or cgid, not '%s'", module);
	if (cgi && *way != WAY_APACHE_CGID)
		return wrong("--cgi and --module %s exclude each other", module);
	return DONE;
}

static int
choose_port(const struct admin *ad, unsigned *port)
{
	uint64_t want = PORT;

	if (ad->opt[OPT_PORT] != NULL && !num_u64(ad->opt[OPT_PORT], 0, 65535, &want))
		return wrong("--port is a number from 0 to 65535, not '%s'", ad->opt[OPT_PORT]);
	if ((*port = probe_free_port((unsigned)want)) != 0)
		return DONE;
	return fail("port %u of 127.0.0.1 cannot be used: %s; name another with --port",
	    (unsigned)want, strerror(errno));
}

/* Makes root serve as the instance's owner. If that is root too, Apache would refuse to run. */
static int
serve_as_owner(const struct settings *s, enum serve_way way)
{
	bool became;
	int st = owner_become(s->dir, s->owner, &became);

	if (st != DONE || geteuid() != 0)
		return st;
	if (way_is_apache(way))
		return fail(
		    "Apache does not run its programs as root: give the instance to another user "
		    "(chown -R www-data: %s), or use --server lighttpd",
		    s->dir);
	(void)fail(
	    "warning: the instance belongs to root and the server runs as root; good for a trial only");
	return DONE;
}

/* Returns the first of the usual places that has the server's program. */
static const char *
server_program(enum serve_way way)
{
	static const char *const lighttpd[] = { "/usr/sbin/lighttpd", "/usr/local/sbin/lighttpd",
		NULL };
	static const char *const apache[] = { "/usr/sbin/apache2", "/usr/sbin/httpd",
		"/usr/local/sbin/httpd", NULL };

	for (const char *const *p = way_is_apache(way) ? apache : lighttpd; *p != NULL; p++)
		if (access(*p, X_OK) == 0)
			return *p;
	return NULL;
}

/* Returns the environment of this process, with the instance and the folders named in it. */
static const char *const *
environment(const struct serve *sv, struct arena *a)
{
	static const char *const ours[] = { "SAVEMMS_CONF=", "SAVEMMS_LIBEXEC=", "SAVEMMS_SHARE=" };
	const char *const value[] = { sv->s->file, sv->libexec, sv->share };
	size_t n = 0, k = 0;
	const char **envp;

	while (environ[n] != NULL)
		n++;
	if ((envp = arena_array(a, n + 4, sizeof *envp)) == NULL)
		return NULL;
	for (size_t i = 0; i < 3; i++)
		envp[k++] = arena_printf(a, "%s%s", ours[i], value[i]);
	for (size_t i = 0; i < n; i++) {
		bool mine = false;

		for (size_t j = 0; j < 3; j++)
			mine |= strncmp(environ[i], ours[j], strlen(ours[j])) == 0;
		if (!mine)
			envp[k++] = environ[i];
	}
	return arena_failed(a) ? NULL : envp;
}

/* Creates DIR/run and DIR/log, takes the lock that marks this instance as being served, and removes
 * sockets that an earlier run left behind. Returns the lock. On failure prints why and returns
 * -1. */
static int
claim_run(const struct serve *sv)
{
	char path[SERVE_PATH + 16];
	struct dirent *e;
	DIR *d;
	int lock;

	(void)snprintf(path, sizeof path, "%s/serve.lock", sv->run);
	if (file_mkdirs(sv->run) != 0 || file_mkdirs(sv->log) != 0 ||
	    (lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) < 0) {
		(void)fail("%s: %s", path, strerror(errno));
		return -1;
	}
	if (flock(lock, LOCK_EX | LOCK_NB) != 0 || (d = opendir(sv->run)) == NULL) {
		(void)fail(errno == EWOULDBLOCK ?
			"%s is being served already; stop that server first" :
			"%s: cannot be locked",
		    sv->s->dir);
		file_close(&lock);
		return -1;
	}
	while ((e = readdir(d)) != NULL)
		if (e->d_type == DT_SOCK)
			(void)unlinkat(dirfd(d), e->d_name,
			    0); /* a leftover; it does no harm if it stays */
	(void)closedir(d);
	return lock;
}

/* Returns a socket for savemms.fcgi to accept on, which only this user can reach, or -1 with errno
 * set. */
static int
listen_on(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	int fd;

	if (len >= sizeof sun.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(sun.sun_path, path, len + 1);
	(void)unlink(path);
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return -1;
	if (bind(fd, (const struct sockaddr *)(const void *)&sun, sizeof sun) == 0 &&
	    chmod(path, 0600) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	file_close(&fd);
	return -1;
}

static void
add_child(struct children *cs, const char *name, const char *const *argv, int in, bool renew)
{
	cs->c[cs->n++] = (struct child){ .name = name, .argv = argv, .in = in, .renew = renew };
}

/* Waits until the API answers and returns DONE. Returns NOT_DONE if it never answers or a child
 * dies. If a signal asks for the end meanwhile, sets *stop and returns DONE. */
static int
wait_ready(struct children *cs, unsigned port, bool *stop)
{
	char summary[PROBE_SUMMARY] = "";

	for (int i = 0; i < READY_TRIES; i++) {
		enum turn t;

		if (probe_api(port, summary))
			return DONE;
		t = children_wait(cs, READY_MS);
		*stop = t == TURN_SIGNAL;
		if (t == TURN_DEAD)
			return NOT_DONE;
		if (*stop)
			return DONE;
	}
	return fail(
	    "the API does not answer on 127.0.0.1:%u: %s; the instance's log folder says more",
	    port, summary);
}

static int
supervise(struct children *cs, unsigned port)
{
	bool stop = false;
	int st;

	if (children_start(cs) != 0)
		st = NOT_DONE;
	else
		st = wait_ready(cs, port, &stop);
	if (st == DONE && !stop) {
		(void)printf("ready on http://127.0.0.1:%u/API/wxml/1.3/\n"
			     "forms for trying it by hand: http://127.0.0.1:%u/\n",
		    port, port);
		(void)fflush(stdout); /* nobody has to read it */
		st = children_wait(cs, -1) == TURN_DEAD ? NOT_DONE : DONE;
	}
	children_end(cs);
	return st;
}

static int
run_all(struct admin *ad, const struct serve *sv, const char *program)
{
	const char *const lighttpd[] = { program, "-D", "-f", sv->conf, NULL };
	const char *const apache[] = { program, "-D", "FOREGROUND", "-f", sv->conf, NULL };
	const char *const helper[] = { sv->helper, "--stay", NULL };
	const char *const fcgi[] = { sv->fcgi, NULL };
	struct children cs = { .n = 0, .envp = environment(sv, ad->a) };
	int sock = -1, st;

	if (cs.envp == NULL)
		return fail("out of memory");
	if (children_prepare() != 0)
		return fail("signals cannot be set up: %s", strerror(errno));
	if (sv->way == WAY_APACHE_PROXY) {
		if ((sock = listen_on(sv->socket)) < 0)
			return fail("%s: %s", sv->socket, strerror(errno));
		add_child(&cs, "savemms.fcgi", fcgi, sock, true);
	}
	add_child(&cs, "savemms-helper", helper, -1, true);
	add_child(&cs, "the web server", way_is_apache(sv->way) ? apache : lighttpd, -1, false);
	st = supervise(&cs, sv->port);
	if (sock >= 0)
		(void)unlink(sv->socket);
	file_close(&sock);
	return st;
}

int
cmd_serve(struct admin *ad)
{
	static struct serve sv;
	const char *program;
	char err[4096];
	int st, lock;

	if ((st = choose_way(ad, &sv.way)) != DONE || (st = choose_port(ad, &sv.port)) != DONE)
		return st;
	if (settings_read(&ad->s, ad->argv[0], err, sizeof err) != 0)
		return fail_settings(ad->argv[0], err);
	sv.s = &ad->s;
	if ((program = server_program(sv.way)) == NULL)
		return fail("no %s is installed: apt-get install %s",
		    way_is_apache(sv.way) ? "Apache" : "lighttpd",
		    way_is_apache(sv.way) ? "apache2 libapache2-mod-fcgid" : "lighttpd");
	if ((st = serve_as_owner(&ad->s, sv.way)) != DONE)
		return st;
	if (serve_locate(&sv, err, sizeof err) != 0)
		return fail("%s", err);
	if ((lock = claim_run(&sv)) < 0)
		return NOT_DONE;
	if (serve_write(&sv, ad->a, err, sizeof err) != 0)
		st = fail("%s", err);
	else
		st = run_all(ad, &sv, program);
	file_close(&lock);
	return st;
}
