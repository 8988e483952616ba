/*
 * cage_seccomp: the system call layer of a cage.
 *
 * A refused call fails with EPERM, so a library that tries one in passing (a scheduler hint, a
 * terminal check) goes on. Decoders get an allow list. Programs and the process that supervises
 * them get a deny list, because the calls that programs and their C library make change with every
 * release. Names that this libseccomp or this machine does not know are skipped: a call that does
 * not exist needs no rule, and a gap in the allow list only refuses more.
 */
#include "transcode/cage/cage_calls.h"
#include "transcode/cage/cage_seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <asm/ioctls.h>
#include <asm/sockios.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static int
add_all(scmp_filter_ctx f, uint32_t action, const char *const *names)
{
	for (size_t i = 0; names[i] != NULL; i++) {
		int call = seccomp_syscall_resolve_name(names[i]), rc;

		if (call >= 0 && (rc = seccomp_rule_add(f, action, call, 0)) != 0)
			return rc;
	}
	return 0;
}
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Allows what a decoder does with descriptors: nothing that makes the kernel send signals. */
static int
fcntl_rules(scmp_filter_ctx f)
{
	static const int commands[] = { F_GETFD, F_SETFD, F_GETFL, F_DUPFD, F_DUPFD_CLOEXEC };
	int rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 2,
	    SCMP_A1(SCMP_CMP_EQ, F_SETFL, 0), SCMP_A2(SCMP_CMP_MASKED_EQ, O_ASYNC, 0));

	for (size_t i = 0; i < COUNT(commands) && rc == 0; i++)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
		    SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)commands[i], 0));
	return rc;
}

static int
decode_rules(scmp_filter_ctx f)
{
	int rc = add_all(f, SCMP_ACT_ALLOW, cage_decode_calls);

	if (rc == 0)
		rc = fcntl_rules(f);

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
		rc = add_all(f, SCMP_ACT_ALLOW, cage_render_calls);
	if (rc == 0)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, not_reading, O_RDONLY));
	if (rc == 0)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(open), 1,
		    SCMP_A1(SCMP_CMP_MASKED_EQ, not_reading, O_RDONLY));
	return rc;
}

/* Refuses a call unless argument n is exactly value. A call that this machine does not know needs
 * no rule. */
static int
only_with(scmp_filter_ctx f, int call, unsigned n, scmp_datum_t value)
{
	const struct scmp_arg_cmp other = SCMP_CMP(n, SCMP_CMP_NE, value, 0);

	return call < 0 ? 0 : seccomp_rule_add_array(f, SCMP_ACT_ERRNO(EPERM), call, 1, &other);
}

/* Refuses calls that change other processes or send them signals: of those that name a process,
 * only 0, the caller, is allowed, and signals to a thread of the process itself, for abort().
 * (A process that is forked in this cage cannot name itself either; its abort() ends it by
 * SIGSEGV.) */
static int
others_rules(scmp_filter_ctx f)
{
	static const char *const named_first[] = { "prlimit64", "sched_setaffinity",
		"sched_setattr", "sched_setparam", "sched_setscheduler" };
	int rc = only_with(f, SCMP_SYS(tgkill), 0, (scmp_datum_t)getpid());

	for (size_t i = 0; i < COUNT(named_first) && rc == 0; i++)
		rc = only_with(f, seccomp_syscall_resolve_name(named_first[i]), 0, 0);
	if (rc == 0)
		rc = only_with(f, SCMP_SYS(setpriority), 0, PRIO_PROCESS);
	return rc == 0 ? only_with(f, SCMP_SYS(setpriority), 1, 0) : rc;
}

/* Refuses what makes the kernel send signals to whomever the caller names. The kernel looks at the
 * lower 32 bits of a command only, so the rules do, too. */
static int
signal_rules(scmp_filter_ctx f)
{
	static const unsigned fcntls[] = { F_SETOWN, F_SETOWN_EX, F_SETSIG, F_NOTIFY, F_SETLEASE };
	static const unsigned ioctls[] = { FIOASYNC, FIOSETOWN, SIOCSPGRP, TIOCSTI, TIOCLINUX };
	const uint32_t no = SCMP_ACT_ERRNO(EPERM);
	int rc = seccomp_rule_add(f, no, SCMP_SYS(fcntl), 2,
	    SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, F_SETFL),
	    SCMP_A2(SCMP_CMP_MASKED_EQ, O_ASYNC, O_ASYNC));

	for (size_t i = 0; i < COUNT(fcntls) && rc == 0; i++)
		rc = seccomp_rule_add(f, no, SCMP_SYS(fcntl), 1,
		    SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, fcntls[i]));
	for (size_t i = 0; i < COUNT(ioctls) && rc == 0; i++)
		rc = seccomp_rule_add(f, no, SCMP_SYS(ioctl), 1,
		    SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, ioctls[i]));
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
	int rc = add_all(f, no, cage_denied_calls);

	if (rc == 0)
		rc = others_rules(f);
	if (rc == 0)
		rc = signal_rules(f);
	if (calls == CAGE_PROGRAM) {
		if (rc == 0)
			rc = add_all(f, no, cage_program_denied_calls);
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
