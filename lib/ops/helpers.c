/* helpers: see helpers.h */
#include "ops/helpers.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/proc.h"

enum { ENVIRONMENT = 128 << 10 };

/* Reads the start of a file of /proc into out and adds a NUL. Returns its length, or 0 when it
 * cannot be read. */
static size_t
read_proc(const char *pid, const char *name, char *out, size_t size)
{
	char path[64];
	size_t got = 0;
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof path, "/proc/%.20s/%s", pid, name);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return 0;
	while (got < size - 1 && (n = read(fd, out + got, size - 1 - got)) > 0)
		got += (size_t)n;
	file_close(&fd);
	out[got] = '\0';
	return got;
}

/* Returns true if path, a savemms.conf or its folder, is the file conf. */
static bool
is_conf_path(const char *path, const char *conf)
{
	char given[PATH_MAX], real[PATH_MAX];
	struct stat st;
	int n;

	n = snprintf(given, sizeof given, "%s%s", path,
	    stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? "/savemms.conf" : "");
	return n < (int)sizeof given && realpath(given, real) != NULL && strcmp(real, conf) == 0;
}

/* Returns true if SAVEMMS_CONF in the n bytes of NUL-separated words is conf. */
static bool
environment_names(const char *words, size_t n, const char *conf)
{
	static const char key[] = "SAVEMMS_CONF=";
	const char *end = words + n;

	for (const char *w = words; w < end; w += strlen(w) + 1)
		if (strncmp(w, key, sizeof key - 1) == 0)
			return is_conf_path(w + sizeof key - 1, conf);
	return false;
}

unsigned
helpers_running(const char *conf)
{
	char *words = malloc(ENVIRONMENT);
	DIR *d = words != NULL ? opendir("/proc") : NULL;
	struct dirent *e;
	unsigned count = 0;

	while (d != NULL && (e = readdir(d)) != NULL) {
		size_t n;

		if (!isdigit((unsigned char)e->d_name[0]) ||
		    read_proc(e->d_name, "comm", words, ENVIRONMENT) == 0 ||
		    strcmp(words, "savemms-helper\n") != 0)
			continue;
		n = read_proc(e->d_name, "environ", words, ENVIRONMENT);
		count += environment_names(words, n, conf);
	}
	if (d != NULL)
		(void)closedir(d);
	free(words);
	return count;
}

void
helpers_note(const struct settings *s)
{
	char path[INSTANCE_PATH];
	int fd;

	settings_path(s, HELPERS_SEEN, path, sizeof path);
	if ((fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) < 0 || futimens(fd, NULL) != 0)
		log_warn("%s: %m", path);
	file_close(&fd);
}

void
helpers_wake(const struct settings *s)
{
	char path[INSTANCE_PATH];
	int fd;

	settings_path(s, "run/helper.wake", path, sizeof path);
	if ((fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0)
		return;           /* not listening yet or any more: it looks before it exits */
	(void)!write(fd, "w", 1); /* a full pipe wakes it, too */
	file_close(&fd);
}

int
helpers_start(const struct settings *s, const char *program, int lock)
{
	char conf[INSTANCE_PATH + 16], log[INSTANCE_PATH];
	const char *const argv[] = { program, "--lock-fd", "3", NULL };
	const char *const envp[] = { conf, "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8",
		NULL };
	int fds[] = { -1, -1, -1, lock };
	const struct proc p = { .argv = argv,
		.envp = envp,
		.fds = fds,
		.nfds = 4,
		.session = true,
		.detach = true };
	pid_t pid;

	(void)snprintf(conf, sizeof conf, "SAVEMMS_CONF=%s", s->file);
	settings_path(s, "log/helper.err", log, sizeof log);
	fds[2] = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	pid = proc_start(&p);
	file_close(&fds[2]);
	return pid < 0 ? -1 : 0;
}
