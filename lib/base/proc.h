/*
 * proc: starting another program with exactly what it may have.
 *
 * A program gets the descriptors that are listed and no others, the environment
 * that is listed and nothing else, default signal handling and no blocked
 * signals. No shell is involved. Safe to call from a process with threads.
 */
#ifndef SM_PROC_H
#define SM_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { PROC_FDS = 16 }; /* most descriptors handed over */

struct proc {
	const char *const *argv; /* argv[0] is the path, used as it is; NULL ends it */
	const char *const *envp; /* "NAME=value"; NULL ends it */
	const int *fds;          /* fds[i] becomes descriptor i; -1: /dev/null */
	size_t nfds;             /* at least 3, at most PROC_FDS */
	bool session;            /* a session and process group of its own */
	bool detach;             /* a grandchild that nobody has to wait for */
	/* Runs in the new process last, right before the program; anything but 0 is an
	 * errno that stops it. NULL for none. In a parent with threads it must be
	 * async-signal-safe. */
	int (*prepare)(void *ctx);
	void *ctx;
};

/* Starts a program. Returns its process id, 0 when detached, and -1 with errno
 * when it could not be started: a failing execve() or prepare() is reported here
 * too and leaves no child behind. The caller waits for a child that is not
 * detached. The given descriptors stay open in the caller. */
pid_t proc_start(const struct proc *p) __attribute__((warn_unused_result));

/* Waits for a child, going on after EINTR. Its wait status, or -1 with errno. */
int proc_wait(pid_t pid);

/* Has the child ended? Then its exit is taken and lost: true. True also when it
 * is no child of ours. Never waits. */
bool proc_ended(pid_t pid);

#endif
