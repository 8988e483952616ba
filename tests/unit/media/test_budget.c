/* fit: the share-out by tables, and, over random templates, what it promises */
#include "base/arena.h"
#include "base/buf.h"
#include "media/budget.h"
#include "media/forecast.h"
#include "unit.h"

enum { TEMPLATES = 100000, SLIDES = 9, KB = 1024, ROUNDS = 8 };

/* --- one class --------------------------------------------------------------------------- */

static void
test_share(void **state)
{
	static const struct {
		uint64_t budget;
		size_t n;
		/* floor, smallest, least, need, weight, share as it must come out */
		struct budget_item it[4];
	} t[] = {
		{ 100, 2, { { 0, 0, 0, 30, 1, 30 }, { 0, 0, 0, 40, 1, 40 } } }, /* all fit */
		{ 100, 2,
		    { { 0, 0, 0, 30, 1, 30 },
			{ 0, 0, 0, 400, 1, 70 } } }, /* one leaves to the other */
		{ 100, 2, { { 0, 0, 0, 300, 1, 50 }, { 0, 0, 0, 400, 1, 50 } } },
		{ 700, 2,
		    { { 0, 0, 0, 500, 1, 100 }, { 0, 0, 0, 5000, 6, 600 } } }, /* image and film */
		{ 700, 2, { { 0, 0, 0, 50, 1, 50 }, { 0, 0, 0, 5000, 6, 648 } } },
		{ 700, 2,
		    { { 0, 0, 200, 500, 1, 200 },
			{ 0, 0, 0, 5000, 6, 498 } } }, /* the image's least comes first */
		{ 700, 2,
		    { { 300, 0, 0, 500, 1, 300 },
			{ 0, 0, 0, 5000, 6, 396 } } }, /* as does what it had */
		{ 300, 2,
		    { { 0, 0, 20, 500, 1, 20 },
			{ 0, 0, 900, 5000, 6, 280 } } }, /* short: the small one is whole */
		{ 300, 2, { { 0, 0, 900, 999, 1, 150 }, { 0, 0, 900, 5000, 6, 150 } } },
		{ 300, 2,
		    { { 0, 200, 200, 999, 1, 200 },
			{ 0, 0, 900, 5000, 6, 100 } } }, /* one cannot be smaller */
		{ 300, 2,
		    { { 0, 200, 200, 999, 1, 150 },
			{ 0, 200, 900, 5000, 6, 150 } } }, /* nor can the other */
		{ 0, 2, { { 0, 0, 5, 5, 1, 0 }, { 0, 0, 5, 5, 1, 0 } } },
		{ 90, 4,
		    { { 0, 0, 0, 10, 1, 10 }, { 0, 0, 0, 20, 1, 20 }, { 0, 0, 0, 900, 1, 30 },
			{ 0, 0, 0, 900, 1, 30 } } },
		{ 90, 1, { { 40, 0, 100, 30, 1, 40 } } }, /* a need below the floor */
		{ UINT64_MAX, 2, { { 0, 0, 0, 7, 1, 7 }, { 0, 0, 0, INT64_MAX, 6, INT64_MAX } } },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		struct budget_item it[4];

		memcpy(it, t[i].it, sizeof it);
		for (size_t k = 0; k < t[i].n; k++)
			it[k].share = 77;
		budget_share(it, t[i].n, t[i].budget);
		for (size_t k = 0; k < t[i].n; k++)
			if (it[k].share != t[i].it[k].share)
				fail_msg("case %zu, item %zu: %llu", i, k,
				    (unsigned long long)it[k].share);
	}
	budget_share(NULL, 0, 100);
	assert_int_equal(budget_weight(KIND_VIDEO, FORMAT_MP4), 6);
	assert_int_equal(budget_weight(KIND_IMAGE, FORMAT_GIF), 3);
	assert_int_equal(budget_weight(KIND_AUDIO, FORMAT_WAV), 1);
}

static void
test_budget_of_a_class(void **state)
{
	const struct class c = { .name = "M", .bytes = 100000 };
	struct medium m[] = { { .kind = KIND_IMAGE, .bytes = 900000 },
		{ .kind = KIND_VCARD, .bytes = 1000 }, { .kind = KIND_PDF, .bytes = 90000 } };
	struct slide s = { .text = "0123456789", .medium = m, .nmedium = 3 };
	struct template t = { .slide = &s, .nslide = 1 };

	assert_int_equal(budget_of(&c, &t), 97000 - 8192 - 10 - 1000);
	s.text = "0\n23\n56\n89"; /* a line break travels as two bytes */
	assert_int_equal(budget_of(&c, &t), 97000 - 8192 - 13 - 1000);
	m[1].kind = KIND_ICAL; /* a link where it does not fit; contacts are always attached */
	assert_int_equal(budget_of(&c, &t), 97000 - 8192 - 13);
	m[1] = (struct medium){ .kind = KIND_VCARD, .bytes = 97000 };
	assert_int_equal(budget_of(&c, &t), 0);
}

/* What the shipped classes hold of media, an MMS of nothing else. */
static void
test_budgets(void **state)
{
	static const struct {
		const char *name;
		uint64_t bytes;
	} want[] = {
		{ "S", 289792 },
		{ "M", 500367 },
		{ "L", 985088 },
		{ "XL", 1183744 },
	};
	struct slide slide = { .text = NULL };
	struct template t = { .slide = &slide, .nslide = 1 };
	struct settings s;

	settings_defaults(&s, "/nonexistent");
	assert_int_equal(s.nclass, COUNT(want));
	for (size_t i = 0; i < COUNT(want); i++) {
		assert_string_equal(s.class[i].name, want[i].name);
		assert_int_equal(budget_of(&s.class[i], &t), want[i].bytes);
	}
}

/* --- templates ----------------------------------------------------------------------------- */

/* What stands for an encoder: a medium whose best and least sizes are known to it alone. */
struct truth {
	uint64_t best[CLASS_MAX], least;
	unsigned per_mille; /* of what it is granted that it uses */
};

struct world {
	struct arena *a;
	struct settings s;
	struct template t;
	struct slide slide[SLIDES];
	struct medium medium[SLIDES][3];
	struct truth truth[SLIDES * 3]; /* by budget_medium() */
	uint64_t seed;
	unsigned long rounds[ROUNDS]; /* how many templates went through the n-th */
};

static uint64_t
rnd(struct world *w, uint64_t most)
{
	w->seed = w->seed * 6364136223846793005U + 1442695040888963407U;
	return (w->seed >> 33) % (most + 1);
}

/* Sizes from 1 byte to most, each magnitude alike. */
static uint64_t
size(struct world *w, uint64_t most)
{
	uint64_t v = 1 + rnd(w, most - 1);

	return 1 + (v >> rnd(w, 20));
}

static void
make_classes(struct world *w)
{
	static const char *const lists[] = { "S, M, L, XL", "S, M, L, XL, XXL", "M",
		"A:10000:640:24000, B:10000:640:24000, XL" };
	const char *list;
	char err[200];

	settings_defaults(&w->s, "");
	list = lists[rnd(w, COUNT(lists) - 1)];
	assert_int_equal(settings_set(&w->s, "classes", list, err, sizeof err), 0);
}

static void
add_medium(struct world *w, struct slide *s, enum kind k)
{
	static const enum format formats[KIND_COUNT][3] = {
		[KIND_IMAGE] = { FORMAT_JPEG, FORMAT_GIF, FORMAT_WEBP },
		[KIND_AUDIO] = { FORMAT_MP3, FORMAT_WAV, FORMAT_AMR },
		[KIND_VIDEO] = { FORMAT_MP4, FORMAT_MOV, FORMAT_AVI },
		[KIND_VCARD] = { FORMAT_VCF, FORMAT_VCF, FORMAT_VCF },
	};
	struct medium *m = &s->medium[s->nmedium++];
	uint64_t most = 10000 * KB;

	if (k == KIND_VIDEO)
		most = 50000 * KB;
	else if (k == KIND_VCARD)
		most = 20 * KB;
	*m = (struct medium){ .kind = k,
		.format = formats[k][rnd(w, 2)],
		.url = "http://x/",
		.mime = "",
		.bytes = size(w, most) };
	m->state = kind_is_av(k) ? MEDIUM_WAITING : MEDIUM_READY;
	if (kind_is_av(k) && rnd(w, 5) > 0)
		m->ms = (uint32_t)size(w, 600000);
}

/* A random template; the truth about each medium is up to twice beyond what could be known. */
static void
make_template(struct world *w)
{
	static char text[5001];
	struct medium *m;

	memset(text, 'x', sizeof text - 1);
	memset(w->slide, 0, sizeof w->slide);
	w->t = (struct template){ .slide = w->slide,
		.nslide = 1 + rnd(w, SLIDES - 1),
		.transcoding = true,
		.name = "",
		.subject = "",
		.fallback = "",
		.reference = "" };
	for (size_t i = 0; i < w->t.nslide; i++) {
		struct slide *s = &w->slide[i];

		s->medium = w->medium[i];
		s->text = rnd(w, 1) != 0 ? text + 5000 - rnd(w, 3) * 1600 : NULL;
		switch (rnd(w, 5)) {
		case 0:
			break;
		case 1:
			add_medium(w, s, KIND_IMAGE);
			break;
		case 2:
			add_medium(w, s, KIND_IMAGE);
			add_medium(w, s, KIND_AUDIO);
			break;
		case 3:
			add_medium(w, s, KIND_AUDIO);
			break;
		case 4:
			add_medium(w, s, KIND_VIDEO);
			break;
		case 5:
			add_medium(w, s, KIND_VCARD);
			break;
		}
	}
	for (size_t i = 0; (m = budget_medium(&w->t, i)) != NULL; i++) {
		struct truth *tr = &w->truth[i];

		tr->least = size(w, 100 * KB);
		tr->best[0] = tr->least + size(w, 2000 * KB);
		tr->per_mille = 850 + (unsigned)rnd(w, 150);
		for (unsigned k = 1; k < w->s.nclass; k++)
			tr->best[k] = tr->best[k - 1] + (rnd(w, 2) == 0 ? size(w, 500 * KB) : 0);
	}
}

/* Makes medium i in the classes that want asks for. */
static void
encode(struct world *w, size_t i, const uint64_t *want)
{
	struct medium *m = budget_medium(&w->t, i);
	const struct truth *tr = &w->truth[i];

	for (unsigned k = 0; k < w->s.nclass; k++) {
		struct rendition r = { .format = m->format };

		if (want[k] == 0)
			continue;
		memcpy(r.class, w->s.class[k].name, CLASS_NAME);
		r.bytes = want[k] / 1000 * tr->per_mille + want[k] % 1000;
		r.size = SIZE_BOUND;
		if (r.bytes < tr->least) {
			r.bytes = tr->least;
			r.size = SIZE_LEAST;
		} else if (r.bytes >= tr->best[k]) {
			r.bytes = tr->best[k];
			r.size = SIZE_BEST;
		}
		assert_true(budget_take(w->a, m, &r, want[k]));
	}
	m->state = MEDIUM_READY;
}

static void
check_shares(const struct world *w, const struct budget_shares *sh)
{
	for (unsigned k = 0; k < w->s.nclass; k++) {
		const struct class *class = &w->s.class[k];
		uint64_t sum = 0;

		for (size_t i = 0; i < sh->n; i++) {
			sum += sh->share[i][k];
			assert_true(k == 0 || sh->share[i][k] >= sh->share[i][k - 1]);
		}
		assert_true(sum <= sh->budget[k]);
		assert_int_equal(sh->budget[k], budget_of(class, &w->t));
	}
}

/* Nobody starves where all can have their least; nothing lies idle that somebody needs. */
static void
check_fair(const struct world *w, const struct budget_shares *sh)
{
	for (unsigned k = 0; k < w->s.nclass; k++) {
		uint64_t least = 0, sum = 0, slack = 0;
		bool open = false;
		struct budget_item it;

		for (size_t i = 0; i < sh->n; i++) {
			budget_facts(&w->s.class[k], budget_medium(&w->t, i), &it);
			least += it.least;
		}
		for (size_t i = 0; i < sh->n; i++) {
			budget_facts(&w->s.class[k], budget_medium(&w->t, i), &it);
			assert_true(least > sh->budget[k] || sh->share[i][k] + KB >= it.least);
			open = open || sh->share[i][k] < it.need;
			sum += sh->share[i][k];
			slack += KB + it.weight;
		}
		assert_true(!open || sum + slack >= sh->budget[k]);
	}
}

static void
once_more(struct world *w, const struct budget_shares *sh, const struct budget_wants *again,
    bool backwards)
{
	for (size_t j = 0; j < sh->n; j++) {
		size_t i = backwards ? sh->n - 1 - j : j;
		uint64_t last = 0;

		for (unsigned k = 0; k < w->s.nclass; k++) {
			assert_true(again->bytes[i][k] == 0 || again->bytes[i][k] >= last);
			last = again->bytes[i][k] > last ? again->bytes[i][k] : last;
		}
		encode(w, i, again->bytes[i]);
	}
}

/* All rounds, the media of each done in the order of step: forwards or backwards. */
static void
budget_all(struct world *w, bool backwards)
{
	struct budget_shares sh;
	struct budget_wants again;

	/* images first, as saveMMS does, each with all of every class */
	for (size_t n = 0; n < 2; n++) {
		budget_shares(&w->s, &w->t, &sh);
		if (n == 1) {
			check_shares(w, &sh);
			check_fair(w, &sh);
		}
		for (size_t j = 0; j < sh.n; j++) {
			size_t i = backwards ? sh.n - 1 - j : j;
			struct medium *m = budget_medium(&w->t, i);
			bool image = m->kind == KIND_IMAGE;

			if (image == (n == 0))
				encode(w, i, image ? sh.budget : sh.share[i]);
		}
	}
	for (unsigned round = 1;; round++) {
		budget_shares(&w->s, &w->t, &sh);
		check_shares(w, &sh);
		if (!budget_again(&w->s, &w->t, &sh, round == 1, &again))
			break;
		assert_true(round <= sh.n + 2);
		w->rounds[round < ROUNDS ? round : ROUNDS - 1]++;
		once_more(w, &sh, &again, backwards);
	}
	budget_settle(&w->s, &w->t);
}

/* A class holds all media within its budget, or is a link; it is a link only when not all
 * media at their smallest fit it. */
static void
check_settled(const struct world *w)
{
	for (unsigned k = 0; k < w->s.nclass; k++) {
		const char *class = w->s.class[k].name;
		const struct template *t = &w->t;
		uint64_t sum = 0, least = 0, budget = budget_of(&w->s.class[k], t);
		const struct medium *m;

		for (size_t i = 0; (m = budget_medium(&w->t, i)) != NULL; i++) {
			const struct rendition *r = medium_rendition(m, class);
			const struct rendition *below = NULL;

			if (k > 0)
				below = medium_rendition(m, w->s.class[k - 1].name);
			assert_int_equal(r == NULL, template_is_link(&w->t, class));
			sum += r != NULL ? r->bytes : 0;
			least += w->truth[i].least;
			assert_true(r == NULL || r->size == SIZE_BEST);
			assert_true(r == NULL || below == NULL || r->bytes >= below->bytes ||
			    sum + below->bytes > budget);
		}
		assert_true(sum <= budget);
		if (template_is_link(&w->t, class))
			assert_true(budget == 0 || least > budget);
	}
}

static uint64_t
digest(const struct world *w)
{
	uint64_t d = 14695981039346656037U, first;
	const struct medium *m;

	for (size_t i = 0; (m = budget_medium(&w->t, i)) != NULL; i++)
		for (size_t k = 0; k < m->nrendition; k++) {
			first = (unsigned char)m->rendition[k].class[0];
			d = (d ^ m->rendition[k].bytes ^ first << 40) * 1099511628211U;
		}
	return d ^ w->t.nlink;
}

static void
test_random_templates(void **state)
{
	static struct world w;
	const char *seed = getenv("SAVEMMS_SEED");
	uint64_t first = seed != NULL ? strtoull(seed, NULL, 10) : 1;
	uint64_t after = first + (under_valgrind() ? TEMPLATES / 500 : TEMPLATES);

	for (uint64_t n = first; n < after; n++) {
		uint64_t forwards = 0;

		for (int backwards = 0; backwards < 2; backwards++) {
			w.seed = n * 7919;
			assert_non_null(w.a = arena_new(1 << 20));
			make_classes(&w);
			make_template(&w);
			budget_all(&w, backwards != 0);
			check_settled(&w);
			if (backwards == 0)
				forwards = digest(&w);
			else if (digest(&w) != forwards)
				fail_msg("seed %llu: the order of the media matters",
				    (unsigned long long)n);
			arena_free(&w.a);
		}
	}
	for (unsigned i = 1; i < ROUNDS; i++)
		print_message("round %u: %lu\n", i + 1, w.rounds[i] / 2);
}

/* --- the ends of a round --------------------------------------------------------------------- */

static void
test_pick(void **state)
{
	const struct rendition small = { .width = 10, .height = 10, .bytes = 100 },
			       large = { .width = 20, .height = 20, .bytes = 90 },
			       over = { .width = 20, .height = 20, .bytes = 900 },
			       more = { .width = 10, .height = 10, .bytes = 120 };

	assert_ptr_equal(budget_pick(NULL, &small, 50), &small);
	assert_ptr_equal(budget_pick(&small, &large, 200), &large); /* more pixels */
	assert_ptr_equal(budget_pick(&large, &small, 200), &large);
	assert_ptr_equal(budget_pick(&small, &more, 200), &more); /* more bytes */
	assert_ptr_equal(budget_pick(&small, &small, 200), &small);
	assert_ptr_equal(budget_pick(&over, &small, 200), &small); /* within the budget */
	assert_ptr_equal(budget_pick(&small, &over, 200), &small);
	assert_ptr_equal(budget_pick(&over, &small, 50), &small); /* neither: the smaller */
	assert_ptr_equal(budget_pick(&small, &over, 50), &small);
}

static void
test_want_text(void **state)
{
	static const char *const bad[] = { "S", "S:", "S:0", "s:1", "S:1 M:2",
		"S:99999999999999999999", ":1" };
	static struct settings s;
	uint64_t want[CLASS_MAX] = { 12, 0, 34 }, got[CLASS_MAX];
	struct buf b;

	settings_defaults(&s, "");
	buf_init(&b, 100);
	budget_want_write(&s, want, &b);
	assert_string_equal(buf_str(&b), "S:12, L:34");
	assert_true(budget_want_read(&s, buf_str(&b), got));
	assert_memory_equal(got, want, sizeof want);
	buf_free(&b);
	assert_true(budget_want_read(&s, "OLD:5, M:7", got));
	assert_int_equal(got[1], 7);
	assert_int_equal(got[0], 0);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (budget_want_read(&s, bad[i], got))
			fail_msg("'%s' is taken", bad[i]);
}

static void
test_settle_of_a_failed_template(void **state)
{
	struct rendition r = { .class = "S", .bytes = 999999999, .size = SIZE_LEAST };
	struct medium m[2] = { { .kind = KIND_IMAGE, .rendition = &r, .nrendition = 1 },
		{ .kind = KIND_AUDIO, .state = MEDIUM_FAILED } };
	struct slide sl = { .medium = m, .nmedium = 2 };
	struct template t = { .slide = &sl, .nslide = 1 };
	static struct settings s;

	settings_defaults(&s, "");
	budget_settle(&s, &t);
	assert_int_equal(t.nlink, 0);
	assert_int_equal(m[0].nrendition, 1);
	assert_int_equal(r.size, SIZE_BEST);
}

/* Classes with AMR take no MP3 from those with MP3, nor these AMR, however much larger it is. */
static void
test_settle_keeps_the_kind_of_sound(void **state)
{
	static const struct {
		enum format format[3];
		uint64_t bytes[3], want[3];
	} cases[] = {
		{ { FORMAT_AMR, FORMAT_MP3, FORMAT_MP3 }, { 9000, 8000, 7000 },
		    { 9000, 8000, 8000 } },
		{ { FORMAT_MP3, FORMAT_AMR, FORMAT_AMR }, { 9000, 8000, 7000 },
		    { 9000, 8000, 8000 } },
		{ { FORMAT_AMR, FORMAT_AMR, FORMAT_AMR }, { 9000, 8000, 7000 },
		    { 9000, 9000, 9000 } },
	};
	static struct settings s;
	char err[200];

	settings_defaults(&s, "");
	assert_int_equal(settings_set(&s, "classes", "LEGACY, S, M", err, sizeof err), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct rendition r[3] = { { .class = "LEGACY" }, { .class = "S" },
			{ .class = "M" } };
		struct medium m = { .kind = KIND_AUDIO,
			.state = MEDIUM_READY,
			.rendition = r,
			.nrendition = 3 };
		struct slide sl = { .medium = &m, .nmedium = 1 };
		struct template t = { .slide = &sl, .nslide = 1, .transcoding = true };

		for (size_t k = 0; k < 3; k++) {
			r[k].format = cases[i].format[k];
			r[k].bytes = cases[i].bytes[k];
		}
		budget_settle(&s, &t);
		assert_int_equal(m.nrendition, 3);
		for (size_t k = 0; k < 3; k++)
			if (r[k].bytes != cases[i].want[k] || r[k].format != cases[i].format[k])
				fail_msg("case %zu, class %zu: %llu", i, k,
				    (unsigned long long)r[k].bytes);
	}
}

/* What is known of a sound before it is made, in a class with AMR and in one with MP3. */
static void
test_facts_of_sound(void **state)
{
	static const struct {
		enum format format;
		uint64_t bytes;
		uint32_t ms, sound_bps;
		uint64_t least, need;
	} cases[] = {
		/* 10 s in frames of 13 and of 32 bytes; a fifth of a second is added */
		{ FORMAT_MP3, 160000, 10000, 12200, 6631, 16321 },
		{ FORMAT_WAV, 900000, 10000, 12200, 6631, 16321 },
		{ FORMAT_AMR, 16006, 10000, 12200, 6631, 16321 },
		{ FORMAT_MP3, 160000, 10000, 4750, 6631, 6822 },
		{ FORMAT_MP3, 160000, 10000, 64000, 30601, 81601 },
		{ FORMAT_AMR, 6506, 10000, 64000, 30601, 39036 },
		{ FORMAT_MP3, 1000, 0, 12200, 1500, 1500 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct class c = { .name = "C",
			.bytes = 1000000,
			.sound_bps = cases[i].sound_bps };
		const struct medium m = { .kind = KIND_AUDIO,
			.format = cases[i].format,
			.bytes = cases[i].bytes,
			.ms = cases[i].ms };
		struct budget_item it = { 0 };

		budget_facts(&c, &m, &it);
		if (it.least != cases[i].least || it.need != cases[i].need)
			fail_msg("case %zu: least %llu, need %llu", i, (unsigned long long)it.least,
			    (unsigned long long)it.need);
	}
}

/* --- forecasts ------------------------------------------------------------------------------- */

static void
test_forecast(void **state)
{
	struct medium m[3] = { { .kind = KIND_IMAGE, .format = FORMAT_JPEG },
		{ .kind = KIND_VIDEO }, { .kind = KIND_PDF, .bytes = 9000000 } };
	struct rendition r = { .class = "M", .bytes = 10000 };
	struct slide sl = { .text = "0123456789", .medium = m, .nmedium = 3 };
	struct template t = { .slide = &sl, .nslide = 1, .transcoding = true };
	struct forecast f[CLASS_MAX];
	static const char classes[] = "T:10000:640:24000, M:100000:640:24000";
	static struct settings s;
	char err[200];

	settings_defaults(&s, "");
	assert_int_equal(settings_set(&s, "classes", classes, err, sizeof err), 0);
	forecast(&s, &t, f);
	assert_int_equal(f[1].verdict, FORECAST_OPEN);
	assert_int_equal(f[1].unknown, 2);
	assert_int_equal(f[1].known, 0); /* objects are not in the room */
	assert_int_equal(f[1].room, budget_of(&s.class[1], &t));
	m[0].bytes = 900000;
	forecast(&s, &t, f);
	assert_int_equal(f[1].verdict, FORECAST_SMALLER); /* whatever the other is */
	assert_int_equal(f[1].known, 900000);
	assert_int_equal(f[0].verdict, FORECAST_LATER);
	m[0].rendition = &r;
	m[0].nrendition = 1;
	m[1].bytes = 1000;
	forecast(&s, &t, f);
	assert_int_equal(f[1].verdict, FORECAST_FITS);
	assert_int_equal(f[1].known, 10000 + 2000); /* a film's estimate is twice its source */
	assert_int_equal(f[1].unknown, 0);
	m[1].bytes = 900000;
	m[1].ms = 10000;
	forecast(&s, &t, f);
	assert_int_equal(f[1].verdict, FORECAST_SMALLER);
	m[1].ms = 100000;
	forecast(&s, &t, f);
	/* a film may always be easier than it seems */
	assert_int_equal(f[1].verdict, FORECAST_LATER);
	m[1].kind = KIND_AUDIO;
	forecast(&s, &t, f);
	assert_int_equal(f[1].verdict, FORECAST_LINK); /* of a sound the bytes are known */
	m[1].ms = 1000;
	forecast(&s, &t, f);
	assert_int_equal(f[1].verdict, FORECAST_FITS);
	t.transcoding = false;
	forecast(&s, &t, f);
	assert_int_equal(f[1].verdict, FORECAST_LINK);
	t.transcoding = true;
	memcpy(t.link_class[t.nlink++], "M", 2);
	forecast(&s, &t, f);
	assert_int_equal(f[1].verdict, FORECAST_LINK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_budget_of_a_class),
		cmocka_unit_test(test_budgets),
		cmocka_unit_test(test_random_templates),
		cmocka_unit_test(test_pick),
		cmocka_unit_test(test_want_text),
		cmocka_unit_test(test_settle_of_a_failed_template),
		cmocka_unit_test(test_settle_keeps_the_kind_of_sound),
		cmocka_unit_test(test_facts_of_sound),
		cmocka_unit_test(test_forecast),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
