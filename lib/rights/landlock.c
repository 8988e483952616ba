/*
 * landlock: see landlock.h
 *
 * It refuses everything that this kernel's Landlock can refuse; the rules then give back what they
 * list. The numbers are the kernel's (linux/landlock.h); they are repeated here because the header
 * of an older system lacks those of a newer kernel on which the program may run. Landlock never
 * refuses files without a place in the tree (pipes, memory files), so they need no rule.
 */
#include "rights/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"

enum {
	FS_EXECUTE = 1 << 0,
	FS_WRITE_FILE = 1 << 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_MAKE = 0x37b0, /* bits 4 to 13, without devices (6 and 11): remove, make, link, rename */
	FS_TRUNCATE = 1 << 14,
	RULE_PATH_BENEATH = 1,
	CREATE_VERSION = 1,
};

struct ruleset_attr {
	uint64_t fs, net, scoped;
};

struct path_beneath {
	uint64_t access;
	int32_t fd;
} __attribute__((packed));

int
landlock_version(void)
{
#ifdef SYS_landlock_create_ruleset
	long abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, CREATE_VERSION);

	return abi > 0 ? (int)abi : 0;
#else
	return 0;
#endif
}

/* Returns everything that version abi can refuse (kernel documentation, userspace-api/landlock). */
static struct ruleset_attr
everything(int abi, size_t *size)
{
	struct ruleset_attr a = { .fs = (1U << 13) - 1 };

	*size = sizeof a.fs;
	if (abi >= 2)
		a.fs |= 1U << 13; /* linking and renaming across folders */
	if (abi >= 3)
		a.fs |= FS_TRUNCATE;
	if (abi >= 5)
		a.fs |= 1U << 15; /* ioctl of devices */
	if (abi >= 4) {
		a.net = 3; /* TCP bind and connect */
		*size = 2 * sizeof a.fs;
	}
	if (abi >= 6) {
		a.scoped = 3; /* abstract sockets of, and signals to, processes outside */
		*size = sizeof a;
	}
	return a;
}

#ifdef SYS_landlock_create_ruleset
static int
add(int set, const struct landlock_rule *r, const struct ruleset_attr *all)
{
	struct path_beneath b = { 0, r->fd };
	struct stat st;
	int own = -1, rc;

	if (r->path != NULL && (own = b.fd = open(r->path, O_PATH | O_CLOEXEC)) < 0)
		return errno == ENOENT || errno == EACCES || errno == EPERM ? 0 : -1;
	if (fstat(b.fd, &st) != 0)
		return -1;
	b.access |= r->access & LANDLOCK_READ ? FS_READ_FILE | FS_READ_DIR : 0;
	b.access |= r->access & LANDLOCK_WRITE ? FS_WRITE_FILE | FS_TRUNCATE : 0;
	b.access |= r->access & LANDLOCK_EXEC ? FS_EXECUTE : 0;
	b.access |= r->access & LANDLOCK_MAKE ? FS_MAKE : 0;
	b.access &= all->fs & (S_ISDIR(st.st_mode) ? ~0ULL : ~(uint64_t)(FS_READ_DIR | FS_MAKE));
	/* the kernel refuses a rule that grants nothing */
	rc = b.access == 0 ? 0 : (int)syscall(SYS_landlock_add_rule, set, RULE_PATH_BENEATH, &b, 0);
	if (rc != 0 && errno == EBADFD)
		rc = 0; /* a pipe or a memory file */
	file_close(&own);
	return rc;
}

int
landlock_enter(const struct landlock_rule *rules, unsigned n)
{
	int abi = landlock_version(), set, rc = 0;
	struct ruleset_attr all;
	size_t size;

	if (abi == 0)
		return 0;
	all = everything(abi, &size);
	set = (int)syscall(SYS_landlock_create_ruleset, &all, size, 0);
	if (set < 0)
		return -1;
	for (unsigned i = 0; i < n && rc == 0; i++)
		rc = add(set, &rules[i], &all);
	if (rc == 0)
		rc = (int)syscall(SYS_landlock_restrict_self, set, 0);
	file_close(&set);
	return rc == 0 ? 1 : -1;
}
#else
int
landlock_enter(const struct landlock_rule *rules, unsigned n)
{
	(void)rules;
	(void)n;
	return 0;
}
#endif
