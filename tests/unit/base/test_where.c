/* where, needs: what a bundle carries is found beside the program, wherever it is moved to, and
 * comes before what the machine has; what is missing is said. This program copies itself to where a
 * bundle has its programs and asks there. */
#include "unit.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/where.h"
#include "model/settings.h"
#include "ops/needs.h"

static char top[64];

static void
make(const char *rest, mode_t mode)
{
	char path[256], from[4096];
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), to;
	ssize_t n;

	(void)snprintf(path, sizeof path, "%s/%s", top, rest);
	for (char *s = path + strlen(top) + 1; (s = strchr(s, '/')) != NULL; s++) {
		*s = '\0';
		(void)mkdir(path, 0700);
		*s = '/';
	}
	to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	assert_true(fd >= 0 && to >= 0);
	while (mode == 0700 && (n = read(fd, from, sizeof from)) > 0)
		assert_int_equal(write(to, from, (size_t)n), n);
	close(fd);
	close(to);
}

static void
make_bundle(const char *program)
{
	char cwd[32] = "where-XXXXXX", *here = realpath(".", NULL);

	assert_non_null(here);
	assert_non_null(mkdtemp(cwd));
	(void)snprintf(top, sizeof top, "%s", cwd);
	free(here);
	make(program, 0700);
}

static int
drop_bundle(void **state)
{
	const char *argv[] = { "/bin/rm", "-rf", "--", top, NULL };

	(void)state;
	return top[0] == '\0' ||
		proc_wait(proc_start(&(struct proc){ .argv = argv,
		    .envp = (const char *const[]){ NULL },
		    .fds = (int[]){ -1, -1, -1 },
		    .nfds = 3 })) == 0 ?
	    0 :
	    -1;
}

/* What the copy does: prints what it finds. */
static int
tell(void)
{
	static const char *const carried[] = { WHERE_MAGIC, WHERE_AUTHORITIES, WHERE_MORE_FONTS };
	static struct settings s;
	static struct need n[NEEDS];
	char path[PATH_MAX];
	const char *e;

	for (size_t i = 0; i < COUNT(carried); i++)
		(void)printf("%s\n", where_carried(carried[i], path, sizeof path) ? path : "no");
	where_tool("gifsicle", "/else/where", path, sizeof path);
	(void)printf("%s\n", path);
	if (!where_set_environment())
		return 1;
	(void)printf("%s\n", (e = getenv("GCONV_PATH")) != NULL ? e : "no");
	(void)printf("%s\n", (e = getenv("FONTCONFIG_FILE")) != NULL ? e : "no");
	(void)snprintf(s.transcode_program, sizeof s.transcode_program, "/nowhere/transcode");
	(void)snprintf(s.helper_program, sizeof s.helper_program, "none");
	needs_look(&s, n);
	for (size_t i = 0; i < NEEDS; i++)
		(void)printf("%s %d %s\n", n[i].name, n[i].there, n[i].where);
	(void)fflush(stdout);
	return needs_log(&s, NULL) > 0 ? 0 : 1;
}

/* Runs the copy and compares the start of what it says with the wanted text, in which % stands for
 * the absolute path of the bundle. */
static void
ask(const char *program, const char *wanted)
{
	char path[256], want[8192] = "", got[8192] = "", *here = realpath(top, NULL);
	const char *argv[] = { path, "tell", NULL };
	int pipes[2];
	size_t at = 0;
	ssize_t n;
	pid_t pid;

	assert_non_null(here);
	(void)snprintf(path, sizeof path, "%s/%s", top, program);
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	pid = proc_start(&(struct proc){ .argv = argv,
	    .envp = (const char *const[]){ "SAVEMMS_LIBEXEC=", NULL },
	    .fds = (int[]){ -1, pipes[1], pipes[1] },
	    .nfds = 3 });
	assert_true(pid > 0);
	close(pipes[1]);
	while ((n = read(pipes[0], got + at, sizeof got - 1 - at)) > 0)
		at += (size_t)n;
	close(pipes[0]);
	assert_int_equal(proc_wait(pid), 0);
	for (at = 0; *wanted != '\0' && at < sizeof want - 1; wanted++)
		if (*wanted == '%')
			at += (size_t)snprintf(want + at, sizeof want - at, "%s", here);
		else
			want[at++] = *wanted;
	assert_non_null(strstr(got,
	    "warning: savemms-transcode: missing at /nowhere/transcode, so no image, audio or "
	    "video can be saved: install savemms again, or set transcode-program\n"));
	got[at < sizeof got ? at : 0] = '\0';
	assert_string_equal(got, want);
	free(here);
}

static void
test_a_plain_installation_uses_what_the_machine_has(void **state)
{
	(void)state;
	make_bundle("one/bin/program");
	ask("one/bin/program",
	    "no\nno\nno\n/else/where\nno\nno\n"
	    "savemms-transcode 0 /nowhere/transcode\nsavemms-helper 1 none\n");
}

static void
test_what_a_bundle_carries_is_found_beside_the_program(void **state)
{
	(void)state;
	make_bundle("one/libexec/savemms/program");
	make("one/libexec/savemms/savemms-helper", 0700);
	make("one/libexec/savemms/gifsicle", 0700);
	make("one/share/savemms/magic.mgc", 0600);
	make("one/share/savemms/authorities.pem", 0600);
	make("one/share/savemms/fonts/fonts.conf", 0600);
	make("one/share/savemms/fonts/a/Letters.TTF", 0600);
	make("one/lib/savemms/gconv/gconv-modules", 0600);
	make("fonts/mine.otf", 0600);
	ask("one/libexec/savemms/program",
	    "%/one/share/savemms/magic.mgc\n"
	    "%/one/share/savemms/authorities.pem\n"
	    "%/fonts\n"
	    "%/one/libexec/savemms/gifsicle\n"
	    "%/one/lib/savemms/gconv\n"
	    "%/one/share/savemms/fonts/fonts.conf\n"
	    "savemms-transcode 0 /nowhere/transcode\nsavemms-helper 1 none\n"
	    "gifsicle 1 %/one/libexec/savemms/gifsicle\n"
	    "fonts 1 %/one/share/savemms/fonts\n"
	    "magic 1 %/one/share/savemms/magic.mgc\n"
	    "certificates 1 %/one/share/savemms/authorities.pem\n");
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_a_plain_installation_uses_what_the_machine_has,
		    drop_bundle),
		cmocka_unit_test_teardown(test_what_a_bundle_carries_is_found_beside_the_program,
		    drop_bundle),
	};

	if (argc == 2 && strcmp(argv[1], "tell") == 0)
		return tell();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
