/*
 * children: programs run in the foreground together. One that may be renewed is
 * started again when it is killed; when another ends, all end.
 *
 * Each child gets a session of its own and is ended with it. Processes that
 * leave their session (a helper that the FastCGI program started) become
 * children of this process when their parent ends, and are ended too.
 */
#ifndef SM_CHILDREN_H
#define SM_CHILDREN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { CHILDREN = 3 };

struct child {
	const char *name; /* for messages */
	const char *const *argv;
	int in;          /* becomes descriptor 0; -1: /dev/null */
	bool renew;      /* start it again when it ends with 0 (worn) or is killed */
	unsigned fast;   /* times in a row that it ended within a second */
	pid_t pid;       /* 0: does not run */
	int64_t started; /* clock_mono() */
};

struct children {
	struct child c[CHILDREN];
	unsigned n;
	const char *const *envp;
};

enum turn {
	TURN_TIME,   /* the time is over, all is well */
	TURN_SIGNAL, /* SIGTERM, SIGINT or SIGHUP asks for the end */
	TURN_DEAD    /* a child ended; stderr has the reason */
};

/* Blocks the signals and prepares to adopt orphans; 0, or -1 with errno. */
int children_prepare(void) __attribute__((warn_unused_result));

/* Starts all. 0, or -1 after printing which cannot be started. */
int children_start(struct children *cs) __attribute__((warn_unused_result));

/* Waits at most wait_ms (-1: without end). */
enum turn children_wait(struct children *cs, int wait_ms);

/* Ends all that runs: SIGTERM, and SIGKILL for what is left after ten seconds
 * or when a second signal asks for the end. */
void children_end(struct children *cs);

#endif
