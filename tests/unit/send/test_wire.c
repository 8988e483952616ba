/* What a message weighs, against what is sent of it: the file of the spool and the body an MMSC
 * gets, to the byte, for random templates, messages and transports; and that the parts arrive. */
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "blob/blob.h"
#include "mms_random.h"
#include "request/mime_read.h"
#include "sample.h"
#include "send/mime_part.h"
#include "send/mm7.h"
#include "send/transport.h"

enum { TRIES = 120, BODY = 16 << 20 };

static struct settings settings;
static char dir[200];
static struct arena *arena;

/* --- an MMSC that keeps what it gets --------------------------------------------------- */

static struct {
	int fd;
	pthread_t thread;
	char type[300];
	char *body;
	size_t len;
} mmsc;

/* Reads a request of one connection into head and mmsc.body; false: there is none. */
static bool
receive(int fd)
{
	static char all[BODY];
	size_t n = 0, len = 0;
	char *gap = NULL, *at;
	ssize_t got;

	while (gap == NULL || n < (size_t)(gap + 4 - all) + len) {
		if ((got = read(fd, all + n, sizeof all - 1 - n)) <= 0)
			return false;
		n += (size_t)got;
		all[n] = '\0';
		if (gap == NULL && (gap = memmem(all, n, "\r\n\r\n", 4)) != NULL) {
			if ((at = strcasestr(all, "\r\nContent-Length: ")) == NULL)
				return false;
			len = (size_t)strtoul(at + 18, NULL, 10);
			if ((at = strcasestr(all, "\r\nContent-Type: ")) != NULL)
				(void)snprintf(mmsc.type, sizeof mmsc.type, "%.*s",
				    (int)strcspn(at + 16, "\r\n"), at + 16);
		}
	}
	mmsc.body = gap + 4;
	mmsc.len = n - (size_t)(gap + 4 - all);
	return true;
}

static void *
serve(void *ctx)
{
	static const char answer[] =
	    "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><SubmitRsp>"
	    "<Status><StatusCode>1000</StatusCode></Status><MessageID>1</MessageID></SubmitRsp>"
	    "</e:Body></e:Envelope>";
	const struct timeval most = { .tv_sec = 30 }; /* teardown() waits for this thread */
	char out[600];
	int fd;

	(void)ctx;
	while ((fd = accept(mmsc.fd, NULL, NULL)) >= 0) {
		if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most) == 0 &&
		    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most) == 0 &&
		    receive(fd)) {
			(void)snprintf(out, sizeof out,
			    "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n"
			    "Content-Length: %zu\r\n\r\n%s",
			    sizeof answer - 1, answer);
			if (file_write(fd, out, strlen(out)) != 0)
				perror("answer");
		}
		(void)close(fd);
	}
	return NULL;
}

static int
start_mmsc(struct transport *transport)
{
	struct sockaddr_in here = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof here;

	mmsc.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (mmsc.fd < 0 || bind(mmsc.fd, (struct sockaddr *)(void *)&here, n) != 0 ||
	    listen(mmsc.fd, 8) != 0 ||
	    getsockname(mmsc.fd, (struct sockaddr *)(void *)&here, &n) != 0)
		return -1;
	(void)snprintf(transport->url, sizeof transport->url, "http://127.0.0.1:%u/mm7",
	    (unsigned)ntohs(here.sin_port));
	return pthread_create(&mmsc.thread, NULL, serve, NULL) == 0 ? 0 : -1;
}

/* --- samples ---------------------------------------------------------------------------- */

static struct transport to_mmsc = { .name = "mmsc", .kind = TRANSPORT_MM7, .count = COUNT_WIRE };

static int
setup(void **state)
{
	sample_dir(dir, sizeof dir);
	sample_settings(&settings, dir);
	arena = arena_new(512 << 20);
	if (arena == NULL || !crypt_init() || blob_init(&settings) != 0)
		return -1;
	return start_mmsc(&to_mmsc);
}

static int
teardown(void **state)
{
	(void)shutdown(mmsc.fd, SHUT_RDWR);
	(void)pthread_join(mmsc.thread, NULL);
	file_close(&mmsc.fd);
	arena_free(&arena);
	sample_rmdir(dir);
	return 0;
}

/* A blob of bytes, among which are line breaks and what looks like a boundary. */
static void
put(struct mms_random *r, char sha[SHA256_HEX], uint64_t n)
{
	unsigned char *p = arena_zalloc(arena, (size_t)n);
	int fd = blob_temp(&settings);

	assert_true(p != NULL && fd >= 0);
	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)mms_random_below(r, 256);
	for (size_t i = 0; i + 40 < n; i += 200 + mms_random_below(r, 1000))
		memcpy(p + i, "\r\n--=_savemms_\r\n\r\n\n\n--", 22);
	if (mms_random_below(r, 2) && n > 2)
		memcpy(p + n - 2, "\r\n", 2);
	crypt_sha256_hex(p, (size_t)n, sha);
	assert_int_equal(file_write(fd, p, (size_t)n), 0);
	assert_int_equal(blob_put(&settings, fd, sha), 0);
	file_close(&fd);
}

static void
put_all(struct mms_random *r)
{
	for (size_t i = 0; i < r->t.nslide; i++)
		for (size_t k = 0; k < r->slide[i].nmedium; k++) {
			struct medium *m = &r->slide[i].medium[k];

			if (m->nrendition > 0)
				put(r, m->rendition->sha, m->rendition->bytes);
			else
				put(r, m->sha, m->bytes);
		}
}

/* A message on its way by a transport, which chance gives settings. */
static struct transport_job
random_job(struct mms_random *r, uint32_t seed, struct transport *transport)
{
	static const char picture[] = "\xff\xd8\xff\r\n--=_savemms_\0\r\n";
	static const struct personal_image own = { picture, sizeof picture - 1, 1, 1 };
	struct transport_job j = { .settings = &settings, .transport = transport, .m = &r->m };

	mms_random(r, arena, seed, "M", true);
	put_all(r);
	r->in.attach = mms_random_below(r, 2) ? ~0U : 1U << KIND_VCARD;
	if (mms_random_below(r, 3) == 0) {
		r->slide[0].image_template = "1";
		r->in.personal_image = &own;
	}
	transport->parts = mms_random_below(r, 2) ? PARTS_BINARY : PARTS_BASE64;
	(void)snprintf(transport->version, sizeof transport->version, "%s",
	    mms_random_below(r, 2) ? "5.3.0" : "6.8.0");
	(void)snprintf(transport->vasp, sizeof transport->vasp, "%s",
	    mms_random_below(r, 2) ? "a&b<\xc3\xa9" : "");
	(void)snprintf(transport->vas, sizeof transport->vas, "%s",
	    mms_random_below(r, 2) ? "news" : "");
	j.report_url = r->in.report_url;
	assert_non_null(j.mms = compose(arena, &r->in));
	assert_true(j.mms->air != UINT64_MAX);
	return j;
}

/* --- tests ---------------------------------------------------------------------------------- */

static uint64_t
size_of_file(const struct transport_job *j)
{
	char path[400];
	struct stat st;

	(void)snprintf(path, sizeof path, "%s/outbox/%s", dir, j->id);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(unlink(path), 0);
	return (uint64_t)st.st_size;
}

static void
test_spool(void **state)
{
	static struct transport spool = { .name = "spool",
		.kind = TRANSPORT_SPOOL,
		.count = COUNT_WIRE };

	for (uint32_t seed = 1; seed <= TRIES; seed++) {
		static struct mms_random r;
		struct transport_job j = random_job(&r, seed, &spool), *jobs = &j;
		uint64_t wire = transport_wire(&j);

		for (int refer = 0; refer < 2; refer++) {
			uint64_t size;

			(void)snprintf(settings.spool_media, sizeof settings.spool_media, "%s",
			    refer ? "refer" : "embed");
			assert_int_equal(transport_wire(&j), wire);
			transport_submit(&j, arena);
			transport_settle(&jobs, 1);
			assert_int_equal(j.rc, TRANSPORT_TAKEN);
			size = size_of_file(&j);
			if (refer ? size > wire + 3000 : size != wire)
				fail_msg("seed %u: %llu bytes, not %llu", (unsigned)seed,
				    (unsigned long long)size, (unsigned long long)wire);
		}
	}
}

/* The bytes of a part as they arrived, its encoding undone. */
static const char *
undone(const struct mime_part *part, const char *encoding, size_t *n)
{
	char *text = arena_zalloc(arena, part->nbody + 1),
	     *out = arena_zalloc(arena, part->nbody + 1);
	size_t w = 0;
	long len;

	assert_true(text != NULL && out != NULL);
	*n = part->nbody;
	if (strcmp(encoding, "base64") != 0)
		return part->body;
	for (size_t i = 0; i < part->nbody; i++)
		if (part->body[i] != '\r' && part->body[i] != '\n')
			text[w++] = part->body[i];
	len = crypt_unbase64(text, (unsigned char *)out, part->nbody);
	assert_true(len >= 0);
	*n = (size_t)len;
	return out;
}

static void
check_part(const struct mime_part *got, const struct compose_part *want, enum transport_parts parts)
{
	char encoding[20], sha[SHA256_HEX], wanted[SHA256_HEX], name[64];
	struct buf b;
	const char *p;
	size_t n;

	assert_true(mime_field(got, "Content-Location", name, sizeof name));
	assert_string_equal(name, want->id);
	assert_true(mime_field(got, "Content-Transfer-Encoding", encoding, sizeof encoding));
	if (!mime_is_text(want))
		assert_string_equal(encoding, parts == PARTS_BINARY ? "binary" : "base64");
	p = undone(got, encoding, &n);
	crypt_sha256_hex(p, n, sha);
	buf_init(&b, BODY);
	if (mime_is_text(want)) {
		mime_part_text(&b, want);
		crypt_sha256_hex(buf_str(&b), b.len, wanted);
	} else if (want->own != NULL) {
		crypt_sha256_hex(want->own, want->len, wanted);
	} else {
		(void)snprintf(wanted, sizeof wanted, "%s", want->sha);
	}
	buf_free(&b);
	assert_string_equal(sha, wanted);
}

/* What the MMSC got: an envelope, and the parts of the message in order. */
static void
check_body(const struct composed *c, enum transport_parts parts)
{
	struct mime_parts outer, inner;
	struct mime_part part;
	char type[300];

	assert_true(mime_open(&outer, mmsc.type, mmsc.body, mmsc.len));
	assert_int_equal(mime_next(&outer, &part), 1);
	assert_int_equal(mime_next(&outer, &part), 1);
	assert_true(mime_field(&part, "Content-Type", type, sizeof type));
	assert_true(mime_open(&inner, type, part.body, part.nbody));
	for (size_t i = 0; i < c->npart; i++) {
		assert_int_equal(mime_next(&inner, &part), 1);
		check_part(&part, &c->part[i], parts);
	}
	assert_int_equal(mime_next(&inner, &part), 0);
	assert_int_equal(mime_next(&outer, &part), 0);
}

static void
test_mm7(void **state)
{
	for (uint32_t seed = 1; seed <= TRIES; seed++) {
		static struct mms_random r;
		struct transport_job j = random_job(&r, seed + 10000, &to_mmsc);
		uint64_t wire = transport_wire(&j);

		transport_submit(&j, arena);
		if (j.rc != TRANSPORT_TAKEN || mmsc.len != wire)
			fail_msg("seed %u: %s, %zu bytes, not %llu", (unsigned)seed, j.why,
			    mmsc.len, (unsigned long long)wire);
		check_body(j.mms, to_mmsc.parts);
	}
}

/* The same message handed over twice has other boundaries, which none can know. */
static void
test_boundaries(void **state)
{
	static struct mms_random r;
	struct transport_job j = random_job(&r, 7, &to_mmsc);
	char first[300], inner[2][100];

	for (int i = 0; i < 2; i++) {
		const char *at;

		transport_submit(&j, arena);
		assert_int_equal(j.rc, TRANSPORT_TAKEN);
		assert_true(i == 0 || strcmp(first, mmsc.type) != 0);
		(void)snprintf(first, sizeof first, "%s", mmsc.type);
		assert_non_null(at = memmem(mmsc.body, mmsc.len, "\r\n boundary=\"=_savemms_", 23));
		(void)snprintf(inner[i], sizeof inner[i], "%.*s", 42, at + 13);
		assert_int_equal(strcspn(at + 13, "\""), 42);
	}
	assert_string_not_equal(inner[0], inner[1]);
}

/* A transport that carries no MMS has nothing to weigh. */
static void
test_no_mms(void **state)
{
	static const struct transport sms_gateway = { .name = "x", .kind = TRANSPORT_SMS_HTTP };
	static struct mms_random r;
	struct transport_job j = random_job(&r, 8, &to_mmsc);

	j.transport = &sms_gateway;
	assert_int_equal(transport_wire(&j), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spool),
		cmocka_unit_test(test_mm7),
		cmocka_unit_test(test_boundaries),
		cmocka_unit_test(test_no_mms),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
