/* What budget_of() leaves for media fits: random templates whose media fill it down to the byte
 * compose to no more than their class, as handsets count it. */
#include "unit.h"

#include "base/arena.h"
#include "media/budget.h"
#include "mms_random.h"
#include "model/settings.h"

enum { TRIES = 2000 };

static struct settings settings;

static int
setup(void **state)
{
	settings_defaults(&settings, "/nonexistent");
	return 0;
}

/* Composes one whose media fill the budget, if it has media that are made to fit. */
static void
try(uint32_t seed, const struct class *c, unsigned attach, unsigned *filled)
{
	static struct mms_random r;
	struct arena *a = arena_new(64 << 20);
	const struct composed *mms;
	uint64_t budget;

	assert_non_null(a);
	mms_random(&r, a, seed, c->name, false);
	r.in.attach = attach;
	budget = budget_of(c, &r.t);
	if (budget > 0 && mms_random_share(&r, budget)) {
		assert_non_null(mms = compose(a, &r.in));
		if (mms->air > c->bytes)
			fail_msg("seed %u, %zu slides: %llu of %llu", (unsigned)seed, r.t.nslide,
			    (unsigned long long)mms->air, (unsigned long long)c->bytes);
		*filled += 1;
		assert_true(attach == 0 || mms->air >= c->bytes * 97 / 100 - 8192);
	}
	arena_free(&a);
}

/* Contacts attached, as the budget has it, and nothing, all objects being links. */
static void
test_shipped_classes(void **state)
{
	for (unsigned k = 0; k < settings.nclass; k++) {
		unsigned filled = 0;

		for (uint32_t seed = 1; seed <= TRIES; seed++)
			try(seed, &settings.class[k], seed % 3 == 0 ? 0 : 1U << KIND_VCARD,
			    &filled);
		assert_true(filled > TRIES / 2);
	}
}

/* Classes that an operator may make, from the smallest in use (MEDIA.md 2.1: 102,400). */
static void
test_any_class(void **state)
{
	unsigned filled = 0;

	for (uint32_t seed = 1; seed <= TRIES; seed++) {
		struct class c = { .name = "ANY",
			.bytes = 102400 + (uint64_t)seed * 7919 % 3000000 };

		try(seed + 100000, &c, 1U << KIND_VCARD, &filled);
	}
	assert_true(filled > TRIES / 2);
}

/* The most that stands around media: nine slides of two media and 5000 characters, half of them
 * line breaks; the longest subject; every name and type the longest. Also where there may be
 * more slides. */
static void
test_fullest(void **state)
{
	static const size_t slides[] = { 9, 10, 40, 100 };
	static char text[5001], subject[161];

	for (size_t i = 0; i < 5000; i++)
		text[i] = i % 2 ? '\n' : 'x';
	for (size_t i = 0; i < 160; i += 2)
		memcpy(subject + i, "\xc3\xa9", 3);
	for (size_t n = 0; n < COUNT(slides); n++) {
		struct arena *a = arena_new(64 << 20);
		struct template t = { .subject = subject, .fallback = "", .nslide = slides[n] };
		struct message m = { .from_mask = "", .subject = "" };
		struct class c = { .name = "C", .bytes = 307200 * (1 + slides[n] / 20) };
		struct compose_in in = { .t = &t,
			.m = &m,
			.class = "C",
			.page = "https://h/m/t",
			.subject_chars = 80 };
		struct medium *medium = arena_array(a, 2 * slides[n], sizeof *medium);
		struct composed *mms;
		uint64_t budget;

		assert_non_null(medium);
		assert_non_null(t.slide = arena_array(a, slides[n], sizeof *t.slide));
		for (size_t i = 0; i < slides[n]; i++) {
			t.slide[i] = (struct slide){ .text = text,
				.duration = "3600",
				.medium = &medium[2 * i],
				.nmedium = 2 };
			medium[2 * i] = (struct medium){ .kind = KIND_IMAGE,
				.format = FORMAT_JPEG,
				.url = "u" };
			medium[2 * i + 1] = (struct medium){ .kind = KIND_AUDIO,
				.format = FORMAT_AMRWB,
				.url = "u" };
		}
		budget = budget_of(&c, &t);
		assert_true(budget > 1000);
		medium[0].bytes = budget;
		assert_non_null(mms = compose(a, &in));
		if (mms->air > c.bytes)
			fail_msg("%zu slides: %llu of %llu", slides[n],
			    (unsigned long long)mms->air, (unsigned long long)c.bytes);
		/* The 8 KiB alone are enough for nine slides. Three in a hundred are left for
		 * links and small calendars. */
		assert_true(slides[n] > 9 || mms->air <= c.bytes / 100 * 97);
		arena_free(&a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shipped_classes),
		cmocka_unit_test(test_any_class),
		cmocka_unit_test(test_fullest),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
