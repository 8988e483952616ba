/*
 * cage: what a process that decodes foreign bytes can no longer do.
 *
 * Layers, each independent of the others (SECURITY describes what each stops):
 * another user when we are root, no new privileges, death with the parent, not
 * dumpable, resource limits, Landlock for files, seccomp for system calls. A
 * cage can be entered inside a cage; it can only get tighter.
 */
#ifndef SM_CAGE_H
#define SM_CAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum cage_calls {
	CAGE_SUPERVISE, /* may fork and run programs and enter cages; no sockets */
	CAGE_PROGRAM,   /* may run a program with threads; no fork, no sockets */
	CAGE_RENDER,    /* as CAGE_DECODE, and may open files for reading: fonts */
	CAGE_DECODE,    /* an allow list: no open, no exec, no fork, no sockets, no kill */
};

/* What a rule allows for a file, or for all below a folder. */
enum {
	CAGE_READ = 1,
	CAGE_WRITE = 2, /* to existing files; none can be made or removed */
	CAGE_EXEC = 4,
};

enum { CAGE_RULES = 32 };

struct cage_rule {
	const char *path; /* used when fd is -1; a path that does not exist is no error */
	int fd;
	unsigned access;
};

/* Zero everywhere is a cage that reaches no file. A limit of 0 is left as it is. */
struct cage {
	enum cage_calls calls;
	pid_t parent;   /* who must still be there when death with it is arranged; 0: not asked */
	unsigned cpu_s; /* RLIMIT_CPU */
	unsigned memory_mb; /* RLIMIT_AS; never set under AddressSanitizer */
	unsigned file_mb;   /* RLIMIT_FSIZE, memory files included */
	unsigned files;     /* RLIMIT_NOFILE */
	unsigned nrules;
	struct cage_rule rule[CAGE_RULES];
};

/* Bits of cage_enter() and cage_probe(). */
enum {
	CAGE_HAS_USER = 1, /* changed from root to an unprivileged user */
	CAGE_HAS_LANDLOCK = 2,
	CAGE_HAS_SECCOMP = 4,
	CAGE_HAS_LIMITS = 8,
};

/* Starts *c for running a program: the calls, and reading and running what is
 * in /usr, /lib, /lib64 and /bin, /etc/ld.so.cache, /dev/null and /dev/urandom. */
void cage_for_program(struct cage *c);

/* Adds a rule. A file given by descriptor can be opened again through
 * /proc/self/fd even when it has no name. False when there are CAGE_RULES. */
bool cage_allow_path(struct cage *c, const char *path, unsigned access)
    __attribute__((warn_unused_result));
bool cage_allow_fd(struct cage *c, int fd, unsigned access) __attribute__((warn_unused_result));

/* Enters the cage, for good. Landlock and seccomp are used where the kernel has
 * them. Returns the CAGE_HAS_* bits of what is active, or -1 with errno when a
 * layer the kernel has could not be put in place: then the caller must exit. */
int cage_enter(const struct cage *c) __attribute__((warn_unused_result));

/* What cage_enter() would put in place here. *landlock_abi, if not NULL, gets
 * the kernel's Landlock version, 0 when there is none. */
int cage_probe(int *landlock_abi);

#endif
