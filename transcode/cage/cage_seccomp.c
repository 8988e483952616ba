/*
 * cage_seccomp: the system call layer of a cage.
 *
 * A refused call fails with EPERM, so a library that tries one in passing (a scheduler hint, a
 * terminal check) goes on. Decoders get an allow list. Programs and the process that supervises
 * them get a deny list, because the calls that programs and their C library make change with every
 * release. Names that this libseccomp or this machine does not know are skipped: a call that does
 * not exist needs no rule, and a gap in the allow list only refuses more.
 */
#include "transcode/cage/cage_seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <unistd.h>

/* What it takes to decode from memory to memory and to write to open files. */
static const char *const decode_allows[] = {
	"read",
	"write",
	"pread64",
	"pwrite64",
	"readv",
	"writev",
	"lseek",
	"_llseek",
	"fstat",
	"ftruncate",
	"close",
	"fcntl",
	"poll",
	"ppoll",
	"sendto",
	"sendmsg",
	"dup",
	"mmap",
	"mmap2",
	"munmap",
	"mremap",
	"mprotect",
	"madvise",
	"brk",
	"membarrier",
	"futex",
	"futex_time64",
	"set_robust_list",
	"rseq",
	"sched_yield",
	"sched_getaffinity",
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"sigreturn",
	"sigaltstack",
	"exit",
	"exit_group",
	"restart_syscall",
	"gettid",
	"getpid",
	"getuid",
	"geteuid",
	"getgid",
	"getegid",
	"clock_gettime",
	"clock_gettime64",
	"clock_getres",
	"clock_nanosleep",
	"clock_nanosleep_time64",
	"nanosleep",
	"gettimeofday",
	"time",
	"getrandom",
	"getrusage",
	"getrlimit",
	"ugetrlimit",
	"setrlimit",
	"sysinfo",
	"uname",
	"getcpu",
};

/* What it takes in addition to find and open fonts; opening itself is in render_rules(). */
static const char *const render_allows[] = {
	"newfstatat",
	"fstatat64",
	"stat",
	"stat64",
	"lstat",
	"lstat64",
	"statx",
	"fstatfs",
	"fstatfs64",
	"statfs",
	"statfs64",
	"access",
	"faccessat",
	"faccessat2",
	"readlink",
	"readlinkat",
	"getdents",
	"getdents64",
	"getcwd",
	"fadvise64",
	"fadvise64_64",
};

/* What neither a program nor its supervisor needs. */
static const char *const denied[] = {
	"socket",
	"socketpair",
	"connect",
	"bind",
	"listen",
	"accept",
	"accept4",
	"ptrace",
	"process_vm_readv",
	"process_vm_writev",
	"process_madvise",
	"kcmp",
	"pidfd_getfd",
	"pidfd_open",
	"pidfd_send_signal",
	"mount",
	"umount",
	"umount2",
	"move_mount",
	"open_tree",
	"fsopen",
	"fsconfig",
	"fsmount",
	"fspick",
	"mount_setattr",
	"pivot_root",
	"chroot",
	"unshare",
	"setns",
	"bpf",
	"perf_event_open",
	"io_uring_setup",
	"io_uring_enter",
	"io_uring_register",
	"userfaultfd",
	"add_key",
	"request_key",
	"keyctl",
	"name_to_handle_at",
	"open_by_handle_at",
	"init_module",
	"finit_module",
	"delete_module",
	"kexec_load",
	"kexec_file_load",
	"reboot",
	"swapon",
	"swapoff",
	"acct",
	"quotactl",
	"quotactl_fd",
	"syslog",
	"vhangup",
	"nfsservctl",
	"settimeofday",
	"clock_settime",
	"clock_adjtime",
	"adjtimex",
	"stime",
	"sethostname",
	"setdomainname",
	"iopl",
	"ioperm",
	"modify_ldt",
	"lookup_dcookie",
	"fanotify_init",
	"move_pages",
	"migrate_pages",
	"memfd_secret",
	"personality",
	"setuid",
	"setgid",
	"setreuid",
	"setregid",
	"setresuid",
	"setresgid",
	"setgroups",
	"capset",
	"chmod",
	"fchmod",
	"fchmodat",
	"fchmodat2",
	"chown",
	"fchown",
	"lchown",
	"fchownat",
	"setxattr",
	"lsetxattr",
	"fsetxattr",
	"removexattr",
	"lremovexattr",
	"fremovexattr",
	"utime",
	"utimes",
	"utimensat",
	"futimesat",
	"truncate",
	"truncate64",
	"mknod",
	"mknodat",
	"mkdir",
	"mkdirat",
	"rmdir",
	"unlink",
	"unlinkat",
	"rename",
	"renameat",
	"renameat2",
	"link",
	"linkat",
	"symlink",
	"symlinkat",
	"mq_open",
	"shmget",
	"shmat",
	"msgget",
	"semget",
};

/* A program, unlike its supervisor, is one process of its group and remains so. */
static const char *const program_denied[] = {
	"fork",
	"vfork",
	"setsid",
	"setpgid",
};

static int
add_all(scmp_filter_ctx f, uint32_t action, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int call = seccomp_syscall_resolve_name(names[i]), rc;

		if (call >= 0 && (rc = seccomp_rule_add(f, action, call, 0)) != 0)
			return rc;
	}
	return 0;
}
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static int
decode_rules(scmp_filter_ctx f)
{
	int rc = add_all(f, SCMP_ACT_ALLOW, decode_allows, COUNT(decode_allows));

	/* threads are allowed, processes are not; clone3 cannot be inspected, so glibc is told that
	 * it does not exist and falls back to clone */
	if (rc == 0)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
		    SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
	if (rc == 0)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
		    SCMP_A0(SCMP_CMP_EQ, 0, 0));
	if (rc == 0)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
		    SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0));
	if (rc == 0) /* for abort() */
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
		    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
	return rc;
}

/* Allows files to be opened for reading only; Landlock decides which. */
static int
render_rules(scmp_filter_ctx f)
{
	const scmp_datum_t not_reading = O_ACCMODE | O_CREAT | O_TRUNC;
	int rc = decode_rules(f);

	if (rc == 0)
		rc = add_all(f, SCMP_ACT_ALLOW, render_allows, COUNT(render_allows));
	if (rc == 0)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, not_reading, O_RDONLY));
	if (rc == 0)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(open), 1,
		    SCMP_A1(SCMP_CMP_MASKED_EQ, not_reading, O_RDONLY));
	return rc;
}

static int
program_rules(scmp_filter_ctx f, enum cage_calls calls)
{
	static const unsigned long spaces[] = {
		CLONE_NEWNS,
		CLONE_NEWCGROUP,
		CLONE_NEWUTS,
		CLONE_NEWIPC,
		CLONE_NEWUSER,
		CLONE_NEWPID,
		CLONE_NEWNET,
	};
	uint32_t no = SCMP_ACT_ERRNO(EPERM);
	int rc = add_all(f, no, denied, COUNT(denied));

	if (calls == CAGE_PROGRAM) {
		if (rc == 0)
			rc = add_all(f, no, program_denied, COUNT(program_denied));
		if (rc == 0)
			rc = seccomp_rule_add(f, no, SCMP_SYS(clone), 1,
			    SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
	}
	for (size_t i = 0; i < COUNT(spaces) && rc == 0; i++)
		rc = seccomp_rule_add(f, no, SCMP_SYS(clone), 1,
		    SCMP_A0(SCMP_CMP_MASKED_EQ, spaces[i], spaces[i]));
	return rc;
}

bool
cage_seccomp_there(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0 && seccomp_api_get() > 0;
}

int
cage_seccomp(enum cage_calls calls)
{
	scmp_filter_ctx f;
	int rc;

	if (!cage_seccomp_there())
		return 0;
	f = seccomp_init(
	    calls == CAGE_DECODE || calls == CAGE_RENDER ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_ALLOW);
	if (f == NULL) {
		errno = ENOMEM;
		return -1;
	}
	rc = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	if (rc == 0)
		rc = calls == CAGE_DECODE ? decode_rules(f) :
		    calls == CAGE_RENDER  ? render_rules(f) :
					    program_rules(f, calls);
	if (rc == 0)
		rc = seccomp_load(f);
	seccomp_release(f);
	if (rc == 0)
		return 1;
	errno = -rc;
	return -1;
}
