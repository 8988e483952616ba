/*
 * cage: takes away what a process that decodes foreign bytes does not need.
 *
 * A cage has independent layers (SECURITY describes what each one stops): another user if we are
 * root, no new privileges, death with the parent, no core dumps or tracing (not dumpable),
 * resource limits, Landlock for files, and seccomp for system calls. A caged process can enter
 * another cage; cages only ever get tighter.
 */
#ifndef SM_CAGE_H
#define SM_CAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "rights/landlock.h"

enum cage_calls {
	CAGE_SUPERVISE, /* may fork and run programs and enter cages; no sockets */
	CAGE_PROGRAM,   /* may run a program with threads; no fork, no sockets */
	CAGE_RENDER,    /* as CAGE_DECODE, and may open files for reading: fonts */
	CAGE_DECODE,    /* only listed calls: no open, exec, fork, sockets or kill */
};

/* Access that a rule grants. In no cage can a file be created or removed. */
enum {
	CAGE_READ = LANDLOCK_READ,
	CAGE_WRITE = LANDLOCK_WRITE,
	CAGE_EXEC = LANDLOCK_EXEC,
};

enum { CAGE_RULES = 32 };

/* A cage that is all zero reaches no file. A limit of 0 leaves that limit unchanged. */
struct cage {
	enum cage_calls calls;
	pid_t parent;       /* must still be alive when death with it is arranged; 0: not checked */
	unsigned cpu_s;     /* RLIMIT_CPU */
	unsigned memory_mb; /* RLIMIT_AS; never set under AddressSanitizer */
	unsigned file_mb;   /* RLIMIT_FSIZE, memory files included */
	unsigned files;     /* RLIMIT_NOFILE */
	unsigned nrules;
	struct landlock_rule rule[CAGE_RULES];
};

/* Bits that cage_enter() and cage_probe() return. */
enum {
	CAGE_HAS_USER = 1, /* changed from root to an unprivileged user */
	CAGE_HAS_LANDLOCK = 2,
	CAGE_HAS_SECCOMP = 4,
	CAGE_HAS_LIMITS = 8,
};

/* Initialises *c for running a program. The cage allows CAGE_PROGRAM's calls, reading and executing
 * what is in /usr, /lib, /lib64 and /bin, and the use of /etc/ld.so.cache, /dev/null and
 * /dev/urandom. */
void cage_for_program(struct cage *c);

/* Add a rule to the cage. A file given by descriptor can be opened again through /proc/self/fd even
 * if it has no name. They return false when the cage already has CAGE_RULES rules. */
bool cage_allow_path(struct cage *c, const char *path, unsigned access)
    __attribute__((warn_unused_result));
bool cage_allow_fd(struct cage *c, int fd, unsigned access) __attribute__((warn_unused_result));

/* Enters the cage; a process cannot leave it. Landlock and seccomp are used if the kernel has them.
 * Returns the CAGE_HAS_* bits of the active layers, or -1 with errno when a layer that the kernel
 * has could not be applied; the caller must then exit. */
int cage_enter(const struct cage *c) __attribute__((warn_unused_result));

/* Returns the CAGE_HAS_* bits that cage_enter() would return here. *landlock_abi, if not NULL,
 * receives the kernel's Landlock version, or 0 if it has none. */
int cage_probe(int *landlock_abi);

#endif
