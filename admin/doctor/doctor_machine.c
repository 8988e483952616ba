/*
 * doctor_machine: looks for what the machine has to have (ops/needs.h), and at its fonts.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "admin/doctor/doctor.h"
#include "admin/doctor/rule.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/where.h"
#include "ops/needs.h"

enum { OUTPUT = 2048, PROGRAM_MS = 10000 };

/* Reads from fd until its end, for PROGRAM_MS at most, and adds a NUL. */
static void
read_output(int fd, char out[OUTPUT])
{
	int64_t until = clock_mono() + (int64_t)PROGRAM_MS * 1000;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t got = 0;
	ssize_t n = 1;

	while (n > 0 && got < OUTPUT - 1 && clock_mono() < until)
		if (poll(&p, 1, 100) > 0 && (n = read(fd, out + got, OUTPUT - 1 - got)) > 0)
			got += (size_t)n;
	out[got] = '\0';
}

/* Runs a program of this machine and reads what it prints. Returns its wait status, or -1 with
 * errno set. */
static int
run(const char *const *argv, char out[OUTPUT])
{
	static const char *const env[] = { "PATH=/usr/bin:/bin", "LANG=C.UTF-8", NULL };
	int pipes[2], status, err;
	pid_t pid;

	out[0] = '\0';
	if (pipe2(pipes, O_CLOEXEC) != 0)
		return -1;
	pid = proc_start(&(struct proc){ .argv = argv,
	    .envp = env,
	    .fds = (int[]){ -1, pipes[1], -1 },
	    .nfds = 3 });
	err = errno;
	file_close(&pipes[1]);
	if (pid > 0)
		read_output(pipes[0], out);
	file_close(&pipes[0]);
	if (pid <= 0) {
		errno = err;
		return -1;
	}
	/* what has closed its output, or has taken too long, has nothing more to say */
	for (int i = 0; i < 100 && (status = waitpid(pid, &err, WNOHANG)) == 0; i++)
		(void)poll(NULL, 0, 10);
	if (status == 0) {
		(void)kill(pid, SIGKILL);
		return proc_wait(pid);
	}
	return status > 0 ? err : -1;
}

void
check_fonts(const struct doctor *d, struct doctor_report *r)
{
	char program[INSTANCE_PATH], out[OUTPUT], why[100];
	const char *const argv[] = { program, "--fonts", NULL };
	int status;

	if (d->settings.transcode_program[0] != '\0')
		(void)snprintf(program, sizeof program, "%s", d->settings.transcode_program);
	else
		where_program("savemms-transcode", program, sizeof program);
	status = run(argv, out);
	if (status < 0)
		(void)snprintf(why, sizeof why, "%s", strerror(errno));
	else
		(void)snprintf(why, sizeof why, "savemms-transcode --fonts ended with status %d",
		    status);
	rule_fonts(out, why, doctor_add(r, "fonts"));
}

void
check_needs(const struct doctor *d, struct doctor_report *r)
{
	struct need *n = calloc(NEEDS, sizeof *n);

	if (n != NULL)
		needs_look(&d->settings, n);
	else
		rule_set(doctor_add(r, "needs"), FINDING_FAILED, "see what uses up the memory",
		    "not looked for: out of memory");
	for (size_t i = 0; n != NULL && i < NEEDS; i++) {
		struct finding *f;

		if (strcmp(n[i].name, "fonts") == 0)
			continue; /* check_fonts() draws with them */
		f = doctor_add(r, n[i].name);
		if (n[i].there)
			rule_set(f, FINDING_OK, "", "%.380s",
			    n[i].where[0] != '\0' ? n[i].where : "there");
		else
			rule_set(f, FINDING_FAILED, n[i].remedy, "missing%s%.250s: %s",
			    n[i].where[0] != '\0' ? " at " : "", n[i].where, n[i].without);
	}
	free(n);
}
