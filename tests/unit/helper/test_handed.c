/* Notes of what was handed over: found once written, and only for the message they are about. */
#include "helper/handed.h"
#include "unit.h"

#include <unistd.h>

#include "model/settings.h"

static struct settings settings;
static struct helper helper = { .settings = &settings };
static char path[] = "/tmp/savemms-handed-XXXXXX";

static int
set_up(void **state)
{
	int fd = mkstemp(path);

	settings_defaults(&settings, "/tmp");
	return fd < 0 ? -1 : close(fd);
}

static int
tear_down(void **state)
{
	return unlink(path);
}

static struct message
message(uint64_t id, const char *tracking)
{
	struct message m = message_empty;

	m.id = id;
	(void)snprintf(m.tracking, sizeof m.tracking, "%s", tracking);
	return m;
}

/* A message as it is before each try. */
static struct delivery
before(struct message *m)
{
	return (struct delivery){ .h = &helper, .m = m };
}

static void
note(struct handed *h, struct message *m)
{
	static const struct composed mms;
	struct delivery d = before(m);

	d.handover.transport = &settings.routing.transport[0];
	d.handover.mms = &mms;
	(void)snprintf(d.handover.id, sizeof d.handover.id, "id of %s", m->tracking);
	(void)snprintf(m->class, sizeof m->class, "M");
	(void)snprintf(m->carrier, sizeof m->carrier, "far");
	handed_note(h, &d);
}

static void
test_found(void **state)
{
	struct handed *h = handed_open(path), *other = handed_open(path);
	struct message m = message(7, "seven"), again = message(7, "seven"),
		       another = message(7, "other"), eight = message(8, "eight");
	struct delivery d = before(&again);

	assert_non_null(h);
	assert_non_null(other); /* another helper */
	assert_false(handed_before(other, &d));
	note(h, &m);
	handed_close(&h); /* it dies */
	assert_true(handed_before(other, &d));
	assert_true(d.noted);
	assert_int_equal(d.handover.rc, TRANSPORT_TAKEN);
	assert_ptr_equal(d.handover.transport, &settings.routing.transport[0]);
	assert_non_null(d.handover.mms);
	assert_string_equal(d.handover.id, "id of seven");
	assert_string_equal(again.class, "M");
	assert_string_equal(again.carrier, "far");
	d = before(&another);
	assert_false(handed_before(other, &d));
	d = before(&eight);
	assert_false(handed_before(other, &d));
	eight.id = 7 + HANDED_NOTES; /* could have the same place */
	note(other, &eight);
	d = before(&eight);
	assert_true(handed_before(other, &d));
	d = before(&again);
	assert_true(handed_before(other, &d));
	settings.routing.transport[0].name[0] = 'x'; /* there is no such transport now */
	assert_false(handed_before(other, &d));
	settings.routing.transport[0].name[0] = 's';
	handed_close(&other);
}

/* Notes that are in use stay, however many come: for one that has no place nothing is noted. What
 * is recorded gives its place back. */
static void
test_places(void **state)
{
	struct handed *h = handed_open(path);
	struct message m = message(100, "many");
	const uint64_t noted = 8; /* places that an id may have */

	assert_non_null(h);
	for (unsigned round = 0; round < 2; round++) {
		for (uint64_t i = 0; i < 20; i++) {
			struct delivery d = before(&m);

			m.id = 100 + i * HANDED_NOTES;
			note(h, &m);
			assert_int_equal(handed_before(h, &d), i < noted);
		}
		for (uint64_t i = 0; i < noted; i++) {
			struct delivery d = before(&m);

			m.id = 100 + i * HANDED_NOTES;
			assert_true(handed_before(h, &d));
			handed_forget(h, m.id);
			d = before(&m);
			assert_false(handed_before(h, &d));
		}
	}
	handed_close(&h);
	handed_forget(NULL, 100);
}

/* After a boot nothing is known: what was not synced may be lost. */
static void
test_another_boot(void **state)
{
	struct handed *h = handed_open(path);
	struct message m = message(9, "nine");
	struct delivery d = before(&m);
	FILE *f;

	note(h, &m);
	assert_true(handed_before(h, &d));
	handed_close(&h);
	assert_non_null(f = fopen(path, "r+"));
	assert_int_equal(fseek(f, 8, SEEK_SET), 0);
	assert_int_equal(fputc('z', f), 'z');
	assert_int_equal(fclose(f), 0);
	h = handed_open(path);
	assert_false(handed_before(h, &d));
	handed_close(&h);
}

static void
test_no_file(void **state)
{
	struct handed *h = handed_open("/nonexistent/handed");
	struct message m = message(1, "one");
	struct delivery d = before(&m);

	assert_null(h);
	note(h, &m);
	assert_false(handed_before(h, &d));
	handed_close(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_another_boot),
		cmocka_unit_test(test_no_file),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
