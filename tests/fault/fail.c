/*
 * fail: makes the n-th allocation or the n-th I/O call of a program fail. LD_PRELOAD loads it into
 * the program under test. "make check" builds it; it is never installed. The environment says what
 * to do:
 *
 *	FAIL_PROGRAM	the program's name; no other program is affected
 *	FAIL_KIND	alloc, io, write (the I/O calls that take disk space) or sync
 *	FAIL_N		which call fails. Calls are counted from 1 and from main() on, in
 *			the process and in what it forks without exec. 0 only reports
 *			their number when the process ends
 *	FAIL_FROM	if set, all later calls fail, too
 *	FAIL_ERRNO	the error for io and write as a number (default EIO); that of
 *			alloc is always ENOMEM
 *	FAIL_REPORT	a file that gets a line about the first call that failed: kind,
 *			n, the call's name, and its callers, innermost first, as symbols
 *			or as module+offset for addr2line
 *
 * For a program that goes on running, one variable takes the place of all these:
 *
 *	FAIL_WHILE	a file. While it exists and says "PROGRAM KIND ERRNO EVERY", each
 *			EVERY-th call of that kind fails in that program
 *
 * An empty report means that there are fewer than n calls. This does not see what the C library
 * does inside itself, such as stdio's reads and writes. fork and exec never fail, and neither does
 * close, because a caller could do nothing about it.
 */
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE /* its inline forms of read and open would be defined twice */
#undef _FILE_OFFSET_BITS
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

enum kind { ALLOC = 1, IO = 2, SPACE = 4, SYNC = 8 };
enum { FRAMES = 24, LINE = 2048 };

static unsigned kinds; /* that are counted; 0: asleep */
static unsigned long target;
static bool from_then_on;
static int io_error = EIO;
static const char *report, *fail_while;
static atomic_ulong *count; /* shared with forked children */
static __thread bool inside;

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

/* Writes the report with raw system calls, which are not counted. */
static void
tell(const char *name, unsigned long n)
{
	void *frame[FRAMES];
	char line[LINE];
	int depth = backtrace(frame, FRAMES), fd, len;

	len = snprintf(line, sizeof line, "%s %lu %s", (kinds & ALLOC) != 0 ? "alloc" : "io", n,
	    name);
	for (int i = 2; i < depth && len < LINE - 200; i++) {
		Dl_info at;
		const char *module;

		if (dladdr(frame[i], &at) == 0)
			continue;
		module = strrchr(at.dli_fname, '/');
		if (at.dli_sname != NULL)
			len += snprintf(line + len, 200, " %.100s", at.dli_sname);
		else
			len += snprintf(line + len, 200, " %.100s+%#lx",
			    module != NULL ? module + 1 : at.dli_fname,
			    (unsigned long)((uintptr_t)frame[i] - (uintptr_t)at.dli_fbase) - 1);
	}
	line[len++] = '\n';
	fd = (int)syscall(SYS_openat, AT_FDCWD, report, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
	    0600);
	if (fd >= 0) {
		(void)syscall(SYS_write, fd, line, (size_t)len);
		(void)syscall(SYS_close, fd);
	}
}

static unsigned
kind_named(const char *name)
{
	static const struct {
		const char *name;
		unsigned kinds;
	} named[] = {
		{ "alloc", ALLOC },
		{ "io", IO | SPACE | SYNC },
		{ "write", SPACE | SYNC },
		{ "sync", SYNC },
	};

	for (size_t i = 0; name != NULL && i < sizeof named / sizeof named[0]; i++)
		if (strcmp(name, named[i].name) == 0)
			return named[i].kinds;
	return 0;
}

/* Tells whether the file of FAIL_WHILE says that this call fails. */
static bool
switched_on(unsigned kind)
{
	char text[128], program[64], word[16];
	int fd = (int)syscall(SYS_openat, AT_FDCWD, fail_while, O_RDONLY | O_CLOEXEC), error;
	unsigned every;
	long n;

	if (fd < 0)
		return false;
	n = syscall(SYS_read, fd, text, sizeof text - 1);
	(void)syscall(SYS_close, fd);
	text[n > 0 ? n : 0] = '\0';
	if (sscanf(text, "%63s %15s %d %u", program, word, &error, &every) != 4 || every == 0 ||
	    strcmp(program, program_invocation_short_name) != 0 || (kind_named(word) & kind) == 0)
		return false;
	io_error = error;
	return atomic_fetch_add(count, 1) % every == every - 1;
}

static bool
fails(unsigned kind, const char *name)
{
	unsigned long n;
	int saved = errno;

	if ((kinds & kind) == 0 || inside)
		return false;
	if (fail_while != NULL) {
		bool on;

		inside = true;
		on = switched_on(kind);
		inside = false;
		errno = saved;
		return on;
	}
	n = atomic_fetch_add(count, 1) + 1;
	if (target == 0 || (from_then_on ? n < target : n != target))
		return false;
	inside = true;
	if (n == target && report != NULL)
		tell(name, n);
	inside = false;
	errno = saved;
	return true;
}

/* Reports the number of calls at the end of a run that only counts. */
static void tell_count(void) __attribute__((destructor));
static void
tell_count(void)
{
	if (kinds == 0 || target != 0 || report == NULL)
		return;
	inside = true;
	tell("calls", *count);
}

static int (*real_main)(int, char **, char **);

/* Runs just before main(). From here on calls count. */
static int
main_after(int argc, char **argv, char **envp)
{
	const char *program = getenv("FAIL_PROGRAM"), *n = getenv("FAIL_N"),
		   *error = getenv("FAIL_ERRNO");
	void *frame[2];

	if (program != NULL && strcmp(program, program_invocation_short_name) == 0) {
		count = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (count == MAP_FAILED)
			abort();
		(void)backtrace(frame, 2); /* loads what it needs */
		target = n != NULL ? strtoul(n, NULL, 10) : 0;
		from_then_on = getenv("FAIL_FROM") != NULL;
		io_error = error != NULL ? (int)strtol(error, NULL, 10) : EIO;
		report = getenv("FAIL_REPORT");
		kinds = kind_named(getenv("FAIL_KIND"));
	} else if ((fail_while = getenv("FAIL_WHILE")) != NULL) {
		count = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (count == MAP_FAILED)
			abort();
		target = 1;
		kinds = ALLOC | IO | SPACE | SYNC;
	}
	return real_main(argc, argv, envp);
}

/* The signature is the C library's, so this takes more than five parameters. */
EXPORT int __libc_start_main(int (*)(int, char **, char **), int, char **, void (*)(void),
    void (*)(void), void (*)(void), void *);

EXPORT int
__libc_start_main(int (*program)(int, char **, char **), int argc, char **argv, void (*init)(void),
    void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
	int (*start)(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void),
	    void (*)(void), void *) = dlsym(RTLD_NEXT, "__libc_start_main");

	real_main = program;
	return start(main_after, argc, argv, init, fini, rtld_fini, stack_end);
}

/* --- memory --- */

EXPORT void *
malloc(size_t n)
{
	if (fails(ALLOC, "malloc"))
		return errno = ENOMEM, NULL;
	return __libc_malloc(n);
}

EXPORT void *
calloc(size_t n, size_t size)
{
	if (fails(ALLOC, "calloc"))
		return errno = ENOMEM, NULL;
	return __libc_calloc(n, size);
}

EXPORT void *
realloc(void *p, size_t n)
{
	if (n > 0 && fails(ALLOC, "realloc"))
		return errno = ENOMEM, NULL;
	return __libc_realloc(p, n);
}

EXPORT void *
reallocarray(void *p, size_t n, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(n, size, &all))
		return errno = ENOMEM, NULL;
	return realloc(p, all);
}

EXPORT void *
aligned_alloc(size_t align, size_t n)
{
	if (fails(ALLOC, "aligned_alloc"))
		return errno = ENOMEM, NULL;
	return __libc_memalign(align, n);
}

EXPORT int
posix_memalign(void **out, size_t align, size_t n)
{
	void *p = fails(ALLOC, "posix_memalign") ? NULL : __libc_memalign(align, n);

	if (p == NULL)
		return ENOMEM;
	*out = p;
	return 0;
}

/* --- input and output --- */

/* Looks up the next function of this name, once. */
#define NEXT(name)                                                 \
	static __typeof__(&name) next;                             \
	if (next == NULL) {                                        \
		bool was = inside;                                 \
		inside = true;                                     \
		next = (__typeof__(&name))dlsym(RTLD_NEXT, #name); \
		inside = was;                                      \
	}

/* A pipe or a socket takes no disk space. */
static unsigned
kind_of(int fd)
{
	struct stat st;

	return syscall(SYS_fstat, fd, &st) == 0 && S_ISREG(st.st_mode) ? SPACE : IO;
}

#define CALL(kind, type, name, failure, params, args) \
	EXPORT type name params;                      \
	EXPORT type name params                       \
	{                                             \
		NEXT(name)                            \
		if (fails(kind, #name)) {             \
			errno = io_error;             \
			return failure;               \
		}                                     \
		return next args;                     \
	}

/* A call that opens a file takes disk space when it creates the file. */
static unsigned
kind_of_open(int dir, const char *path, int flags)
{
	bool creates = (flags & O_TMPFILE) == O_TMPFILE ||
	    ((flags & O_CREAT) != 0 && syscall(SYS_faccessat, dir, path, F_OK) != 0);

	return creates ? SPACE : IO;
}

#define OPEN(name, at, params, args)                                             \
	EXPORT int name params;                                                  \
	EXPORT int name params                                                   \
	{                                                                        \
		mode_t mode = 0;                                                 \
		va_list ap;                                                      \
		NEXT(name)                                                       \
		va_start(ap, flags);                                             \
		if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE)  \
			mode = va_arg(ap, mode_t);                               \
		va_end(ap);                                                      \
		if (kinds != 0 && fails(kind_of_open(at, path, flags), #name)) { \
			errno = io_error;                                        \
			return -1;                                               \
		}                                                                \
		return next args;                                                \
	}

OPEN(open, AT_FDCWD, (const char *path, int flags, ...), (path, flags, mode))
OPEN(open64, AT_FDCWD, (const char *path, int flags, ...), (path, flags, mode))
OPEN(openat, dir, (int dir, const char *path, int flags, ...), (dir, path, flags, mode))
OPEN(openat64, dir, (int dir, const char *path, int flags, ...), (dir, path, flags, mode))
CALL(IO, int, __open_2, -1, (const char *path, int flags), (path, flags))
CALL(IO, int, __open64_2, -1, (const char *path, int flags), (path, flags))
CALL(IO, FILE *, fopen, NULL, (const char *path, const char *mode), (path, mode))
CALL(IO, FILE *, fopen64, NULL, (const char *path, const char *mode), (path, mode))
CALL(IO, ssize_t, read, -1, (int fd, void *p, size_t n), (fd, p, n))
CALL(IO, ssize_t, __read_chk, -1, (int fd, void *p, size_t n, size_t room), (fd, p, n, room))
CALL(IO, ssize_t, pread, -1, (int fd, void *p, size_t n, off_t at), (fd, p, n, at))
CALL(IO, ssize_t, pread64, -1, (int fd, void *p, size_t n, off64_t at), (fd, p, n, at))
CALL(IO, ssize_t, __pread_chk, -1, (int fd, void *p, size_t n, off_t at, size_t room),
    (fd, p, n, at, room))
CALL(IO, ssize_t, __pread64_chk, -1, (int fd, void *p, size_t n, off64_t at, size_t room),
    (fd, p, n, at, room))
CALL(IO, ssize_t, readv, -1, (int fd, const struct iovec *v, int n), (fd, v, n))
CALL(kind_of(fd), ssize_t, write, -1, (int fd, const void *p, size_t n), (fd, p, n))
CALL(SPACE, ssize_t, pwrite, -1, (int fd, const void *p, size_t n, off_t at), (fd, p, n, at))
CALL(SPACE, ssize_t, pwrite64, -1, (int fd, const void *p, size_t n, off64_t at), (fd, p, n, at))
CALL(kind_of(fd), ssize_t, writev, -1, (int fd, const struct iovec *v, int n), (fd, v, n))
CALL(SYNC, int, fsync, -1, (int fd), (fd))
CALL(SYNC, int, fdatasync, -1, (int fd), (fd))
CALL(SPACE, int, ftruncate, -1, (int fd, off_t n), (fd, n))
CALL(SPACE, int, ftruncate64, -1, (int fd, off64_t n), (fd, n))
CALL(SPACE, int, posix_fallocate, io_error, (int fd, off_t at, off_t n), (fd, at, n))
CALL(SPACE, int, posix_fallocate64, io_error, (int fd, off64_t at, off64_t n), (fd, at, n))
CALL(SPACE, int, link, -1, (const char *from, const char *to), (from, to))
CALL(SPACE, int, linkat, -1, (int fd, const char *from, int to_fd, const char *to, int flags),
    (fd, from, to_fd, to, flags))
CALL(SPACE, int, rename, -1, (const char *from, const char *to), (from, to))
CALL(SPACE, int, renameat, -1, (int fd, const char *from, int to_fd, const char *to),
    (fd, from, to_fd, to))
CALL(SPACE, int, mkdir, -1, (const char *path, mode_t mode), (path, mode))
CALL(SPACE, int, mkfifo, -1, (const char *path, mode_t mode), (path, mode))
CALL(IO, int, unlink, -1, (const char *path), (path))
CALL(IO, int, unlinkat, -1, (int dir, const char *path, int flags), (dir, path, flags))
CALL(IO, int, stat, -1, (const char *path, struct stat *st), (path, st))
CALL(IO, int, stat64, -1, (const char *path, struct stat64 *st), (path, st))
CALL(IO, int, fstat, -1, (int fd, struct stat *st), (fd, st))
CALL(IO, int, fstat64, -1, (int fd, struct stat64 *st), (fd, st))
CALL(IO, int, statvfs, -1, (const char *path, struct statvfs *st), (path, st))
CALL(IO, int, statvfs64, -1, (const char *path, struct statvfs64 *st), (path, st))
CALL(IO, off_t, lseek, -1, (int fd, off_t at, int from), (fd, at, from))
CALL(IO, off64_t, lseek64, -1, (int fd, off64_t at, int from), (fd, at, from))
CALL(IO, int, flock, -1, (int fd, int how), (fd, how))
CALL(IO, int, dup2, -1, (int fd, int to), (fd, to))
CALL(IO, void *, mmap, MAP_FAILED, (void *p, size_t n, int prot, int flags, int fd, off_t at),
    (p, n, prot, flags, fd, at))
CALL(IO, void *, mmap64, MAP_FAILED, (void *p, size_t n, int prot, int flags, int fd, off64_t at),
    (p, n, prot, flags, fd, at))
CALL(IO, int, pipe, -1, (int fd[2]), (fd))
CALL(IO, int, pipe2, -1, (int fd[2], int flags), (fd, flags))
CALL(IO, int, memfd_create, -1, (const char *name, unsigned flags), (name, flags))
CALL(IO, int, socket, -1, (int domain, int type, int protocol), (domain, type, protocol))
CALL(IO, int, socketpair, -1, (int domain, int type, int protocol, int fd[2]),
    (domain, type, protocol, fd))
CALL(IO, int, connect, -1, (int fd, const struct sockaddr *sa, socklen_t n), (fd, sa, n))
CALL(IO, ssize_t, send, -1, (int fd, const void *p, size_t n, int flags), (fd, p, n, flags))
CALL(IO, ssize_t, recv, -1, (int fd, void *p, size_t n, int flags), (fd, p, n, flags))
CALL(IO, ssize_t, sendmsg, -1, (int fd, const struct msghdr *m, int flags), (fd, m, flags))
CALL(IO, ssize_t, recvmsg, -1, (int fd, struct msghdr *m, int flags), (fd, m, flags))

EXPORT int
pthread_create(pthread_t *t, const pthread_attr_t *attr, void *(*run)(void *), void *ctx)
{
	NEXT(pthread_create)
	return fails(IO, "pthread_create") ? EAGAIN : next(t, attr, run, ctx);
}
