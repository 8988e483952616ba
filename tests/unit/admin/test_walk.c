/* A record that cannot be read hides no other: the lists of the operator's command, and what it
 * does to all jobs, go on behind it, name it on stderr, and the command does not succeed. */
#include "unit.h"

#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/cmd.h"
#include "base/arena.h"
#include "model/image_template.h"
#include "sample.h"
#include "store/plant.h"

enum { N = 3, BAD = 1, TEXT = 8192 };

static struct admin ad;
static uint64_t account[N], template[N], job[N], message[N], image[N];
static char dir[256], out[TEXT], err[TEXT];

/* --- what a command says --------------------------------------------------------------------- */

/* Makes the descriptor write to a new file, and returns what it was. */
static int
divert(int fd)
{
	char path[] = "/tmp/test_walk.XXXXXX";
	int was = dup(fd), file = mkstemp(path);

	assert_true(was >= 0 && file >= 0);
	assert_int_equal(unlink(path), 0);
	assert_true(dup2(file, fd) >= 0);
	assert_int_equal(close(file), 0);
	return was;
}

static void
put_back(int fd, int was, char text[TEXT])
{
	ssize_t n = pread(fd, text, TEXT - 1, 0);

	assert_true(dup2(was, fd) >= 0);
	assert_int_equal(close(was), 0);
	assert_true(n >= 0);
	text[n] = '\0';
}

static int
run(int (*command)(struct admin *))
{
	int was[2], rc;

	(void)fflush(stdout);
	was[0] = divert(STDOUT_FILENO);
	was[1] = divert(STDERR_FILENO);
	rc = command(&ad);
	(void)fflush(stdout);
	put_back(STDERR_FILENO, was[1], err);
	put_back(STDOUT_FILENO, was[0], out);
	return rc;
}

/* --- a store with three of each kind, one of which cannot be read -------------------------------
 */

static void
make_image(int i)
{
	struct image_area area = { { 0, 0, 640, 90 }, "", 48, 0, IMAGE_LEFT, "Dear {$n|you}" };
	struct image_template it = { .account = account[0],
		.name = "image",
		.width = 640,
		.height = 640,
		.bytes = 10,
		.area = &area,
		.narea = 1 };

	sample_blob(50, it.sha);
	assert_int_equal(store_image_create(ad.st, &it), ST_OK);
	image[i] = it.id;
}

/* Makes a template with a dead job of its encoding, and a message of it. */
static void
make_one(int i)
{
	static struct account ac;
	const struct job_want want = { JOB_ENCODE, { LANE_SHORT }, 1, "me", 60000 };
	struct job j = { .kind = JOB_ENCODE, .why = "", .body = "" }, *claimed;
	struct message m = { .to = "15550001", .from = "1" };
	struct sample s;
	uint64_t wait;

	assert_true(account_init(&ac, (const char *const[]){ "one", "three", "two" }[i]));
	assert_int_equal(store_account_put(ad.st, &ac), ST_OK);
	account[i] = ac.id;
	sample_template(&s, account[0], 10 * (uint64_t)i);
	assert_int_equal(store_template_create(ad.st, &s.t, &j, 1, NULL), ST_OK);
	template[i] = m.mmsid = s.t.id;
	job[i] = j.id;
	assert_int_equal(store_job_claim(ad.st, &want, ad.a, &claimed, &wait), ST_OK);
	assert_int_equal(store_job_keep(ad.st, claimed, "no disk"), ST_OK);
	m.account = account[0];
	assert_int_equal(store_message_create(ad.st, &m, NULL), ST_OK);
	message[i] = m.id;
	make_image(i);
}

static void
spoil(enum table t, const uint64_t id[N])
{
	struct key k = key_id(t, id[BAD]);

	plant(ad.st, &k, "x", 1);
}

static int
set_up(void **state)
{
	char media[300];

	sample_dir(dir, sizeof dir);
	settings_defaults(&ad.s, dir);
	(void)snprintf(media, sizeof media, "%s/media", dir);
	assert_int_equal(mkdir(media, 0700), 0);
	ad.st = store_open_ram();
	ad.a = arena_new(64 << 20);
	assert_true(ad.st != NULL && ad.a != NULL);
	for (int i = 0; i < N; i++)
		make_one(i);
	spoil(TAB_ACCOUNT, account);
	spoil(TAB_TEMPLATE, template);
	spoil(TAB_JOB, job);
	spoil(TAB_MESSAGE, message);
	spoil(TAB_IMAGE, image);
	return 0;
}

static int
tear_down(void **state)
{
	store_close(&ad.st);
	arena_free(&ad.a);
	sample_rmdir(dir);
	return 0;
}

/* Checks what the last command said: so many lines, and on stderr what could not be read. */
static void
assert_said(const char *what, size_t lines)
{
	char want[128];
	size_t n = 0;

	for (const char *p = out; (p = strchr(p, '\n')) != NULL; p++)
		n++;
	if (n != lines)
		fail_msg("%zu lines, not %zu: %s%s", n, lines, out, err);
	(void)snprintf(want, sizeof want, "savemms: %s: a record cannot be read\n", what);
	assert_non_null(strstr(err, want));
	assert_non_null(strstr(err, "savemms: 1 could not be read; 'savemms check' says"));
}

static const char *
numbered(const char *kind, const uint64_t id[N])
{
	static char text[64];

	(void)snprintf(text, sizeof text, "%s %" PRIu64, kind, id[BAD]);
	return text;
}

static void
test_lists(void **state)
{
	assert_int_equal(run(cmd_account_list), NOT_DONE);
	assert_said("account three", N - 1);
	assert_non_null(strstr(out, "\tone\t"));
	assert_non_null(strstr(out, "\ttwo\t"));
	assert_int_equal(run(cmd_template_list), NOT_DONE);
	assert_said(numbered("template", template), N - 1);
	assert_int_equal(run(cmd_job_list), NOT_DONE);
	assert_said(numbered("job", job), 2 * N - 1); /* N messages are to be delivered */
	assert_int_equal(run(cmd_message_list), NOT_DONE);
	assert_said(numbered("message", message), N - 1);
	ad.opt[OPT_ACCOUNT] = "one";
	assert_int_equal(run(cmd_image_list), NOT_DONE);
	assert_said(numbered("image template", image), N - 1);
	ad.opt[OPT_ACCOUNT] = NULL;
	assert_int_equal(run(cmd_image_list), NOT_DONE);
	assert_non_null(strstr(err, "savemms: account three: a record cannot be read\n"));
	assert_non_null(strstr(err, "savemms: 2 could not be read"));
}

static void
test_status(void **state)
{
	assert_int_equal(run(cmd_status), NOT_DONE);
	assert_said("account three", 6 + JOB_KINDS + 1);
	assert_non_null(strstr(out, "accounts: 3\n"));
}

static void
test_retry_all_dead(void **state)
{
	struct job *j;

	ad.opt[OPT_ALL_DEAD] = "";
	assert_int_equal(run(cmd_job_retry), NOT_DONE);
	ad.opt[OPT_ALL_DEAD] = NULL;
	assert_said(numbered("job", job), 1);
	assert_string_equal(out, "queued again: 2\n");
	for (int i = 0; i < N; i++)
		if (i != BAD) {
			assert_int_equal(store_job_get(ad.st, job[i], ad.a, &j), ST_OK);
			assert_false(j->dead);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_retry_all_dead),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
