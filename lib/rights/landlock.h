/*
 * landlock: limits, for good, which files a process can reach. The kernel's Landlock does it
 * (landlock(7)); it also refuses TCP connections and signals to other processes where the kernel
 * is new enough.
 */
#ifndef SM_LANDLOCK_H
#define SM_LANDLOCK_H

/* Access that a rule grants to a file, or to everything below a folder. */
enum {
	LANDLOCK_READ = 1,
	LANDLOCK_WRITE = 2, /* to existing files */
	LANDLOCK_EXEC = 4,
	LANDLOCK_MAKE = 8, /* making, renaming and removing files and folders below the folder */
};

struct landlock_rule {
	const char *path; /* used when fd is -1; a missing path is not an error */
	int fd;           /* used when path is NULL */
	unsigned access;
};

/* Leaves this thread, and what it starts later, only the access of the n rules. The caller has set
 * no_new_privs before, or is root. Returns 1 when done, 0 when the kernel has no Landlock, and -1
 * with errno on failure. */
int landlock_enter(const struct landlock_rule *rules, unsigned n)
    __attribute__((warn_unused_result));

/* Returns the kernel's version of Landlock, or 0 if it has none. */
int landlock_version(void);

#endif
