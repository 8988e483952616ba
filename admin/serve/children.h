/*
 * children: runs several programs together in the foreground. A child that may be renewed is
 * started again when it is killed; when any other child ends, all end.
 *
 * Each child gets a session of its own, and the whole session is ended with it. A process that
 * leaves its session (such as a helper that the FastCGI program started) becomes a child of this
 * process when its parent ends, and is ended too.
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
	bool renew;      /* start it again when it exits with 0 (worn out) or is killed */
	unsigned fast;   /* times in a row that it ended within a second */
	pid_t pid;       /* 0: not running */
	int64_t started; /* clock_mono() */
};

struct children {
	struct child c[CHILDREN];
	unsigned n;
	const char *const *envp;
};

enum turn {
	TURN_TIME,   /* the time has passed and all children run */
	TURN_SIGNAL, /* SIGTERM, SIGINT or SIGHUP arrived */
	TURN_DEAD    /* a child ended; stderr has the reason */
};

/* Blocks the signals and makes this process adopt orphans. Returns 0, or -1 with errno set. */
int children_prepare(void) __attribute__((warn_unused_result));

/* Starts all children. Returns 0; if a child cannot be started, prints which one and returns -1. */
int children_start(struct children *cs) __attribute__((warn_unused_result));

/* Waits at most wait_ms milliseconds (-1: forever), and renews children meanwhile. */
enum turn children_wait(struct children *cs, int wait_ms);

/* Ends all children and adopted orphans: sends SIGTERM, and SIGKILL to those that are left after
 * ten seconds or when another SIGTERM or SIGINT arrives. */
void children_end(struct children *cs);

#endif
