/*
 * export: writes a template as files: sources and renditions under readable names, and
 * request.xml, a saveMMS request that describes the template. The request contains no key and
 * names the media by the URLs that the customer gave. On failure the folder keeps what has been
 * written so far.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin/backup/folder.h"
#include "admin/cmd.h"
#include "admin/lookup.h"
#include "admin/owner.h"
#include "admin/say.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/xmlout.h"
#include "blob/blob.h"

enum { REQUEST_CAP = 16 << 20, CHUNK = 65536 };

static int
copy_bytes(int from, int to)
{
	char chunk[CHUNK];
	uint64_t off = 0;

	for (;;) {
		ssize_t n = file_pread(from, chunk, sizeof chunk, off);

		if (n < 0)
			return -1;
		if (n == 0)
			return 0;
		if (file_write(to, chunk, (size_t)n) != 0)
			return -1;
		off += (uint64_t)n;
	}
}

/* Copies a blob to dir/name, which must not exist. */
static int
copy_blob(const struct admin *ad, const char *sha, const char *dir, const char *name)
{
	char path[INSTANCE_PATH];
	int from = -1, to = -1, rc = -1;

	if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path)
		return fail("%s/%s: the path is too long", dir, name);
	if ((from = blob_open(&ad->s, sha)) < 0) {
		(void)fail("the file of blob %s cannot be opened: %s", sha, strerror(errno));
	} else if ((to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0 ||
	    copy_bytes(from, to) != 0) {
		(void)fail("%s: %s", path, strerror(errno));
	} else {
		rc = close(to);
		to = -1;
		if (rc != 0)
			(void)fail("%s: %s", path, strerror(errno));
	}
	file_close(&from);
	file_close(&to);
	return rc == 0 ? DONE : NOT_DONE;
}

static int
export_medium(const struct admin *ad, const struct medium *m, size_t slide, const char *dir)
{
	const char *kind = kind_pair(m->kind);
	char name[128];
	int st;

	(void)snprintf(name, sizeof name, "slide%zu-%s-source.%s", slide, kind,
	    m->format != FORMAT_NONE ? format_ext(m->format) : "bin");
	st = copy_blob(ad, m->sha, dir, name);
	for (size_t i = 0; i < m->nrendition && st == DONE; i++) {
		const struct rendition *r = &m->rendition[i];

		(void)snprintf(name, sizeof name, "slide%zu-%s-%s.%s", slide, kind, r->class,
		    format_ext(r->format));
		st = copy_blob(ad, r->sha, dir, name);
	}
	return st;
}

static const char *
or_null(const char *text)
{
	return text != NULL && text[0] != '\0' ? text : NULL;
}

static void
describe_slide(struct buf *b, const struct slide *s)
{
	xml_open(b, "SLIDE");
	for (size_t i = 0; i < s->nmedium; i++) {
		if (medium_is_personal_image(&s->medium[i]))
			continue;
		xml_open(b, kind_element(s->medium[i].kind));
		xml_elem(b, "URL", s->medium[i].url);
		xml_close(b, kind_element(s->medium[i].kind));
	}
	if (s->image_template != NULL) {
		xml_open(b, "PERSONALIZED-IMAGE");
		xml_elem(b, "TEMPLATE-ID", s->image_template);
		xml_close(b, "PERSONALIZED-IMAGE");
	}
	xml_elem(b, "TEXT", s->text);
	xml_elem(b, "DURATION", s->duration);
	xml_close(b, "SLIDE");
	buf_addc(b, '\n');
}

static void
describe(struct buf *b, const struct template *t)
{
	buf_adds(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	xml_open(b, "REQUEST");
	xml_elem(b, "ACTION", "saveMMS");
	xml_elem(b, "API_KEY", "");
	xml_elem(b, "SUBJECT", or_null(t->subject));
	xml_elem(b, "NAME", t->name);
	xml_elem(b, "FALLBACKSMSTEXT", or_null(t->fallback));
	xml_elem(b, "DISABLEFALLBACKSMS", t->no_fallback ? "yes" : NULL);
	xml_elem(b, "DISABLEFALLBACKSMSLINK", t->no_fallback_link ? "yes" : NULL);
	xml_elem(b, "CLIENT_REFERENCE", or_null(t->reference));
	buf_addc(b, '\n');
	for (size_t i = 0; i < t->nslide; i++)
		describe_slide(b, &t->slide[i]);
	xml_close(b, "REQUEST");
	buf_addc(b, '\n');
}

static int
export_request(const struct template *t, const char *dir)
{
	char path[INSTANCE_PATH];
	struct buf b;
	int st = DONE;

	if (snprintf(path, sizeof path, "%s/request.xml", dir) >= (int)sizeof path)
		return fail("%s/request.xml: the path is too long", dir);
	buf_init(&b, REQUEST_CAP);
	describe(&b, t);
	if (!buf_ok(&b))
		st = fail("%s: out of memory", path);
	else if (file_replace(path, buf_str(&b), b.len) != 0)
		st = fail("%s: %s", path, strerror(errno));
	buf_free(&b);
	return st;
}

int
cmd_template_export(struct admin *ad)
{
	const char *dir = ad->argv[1];
	const struct template *t;
	char err[1024];
	uint64_t id;
	int st = DONE;

	if (!word_id("an MMSID", ad->argv[0], &id))
		return WRONG_USAGE;
	if ((t = find_template(ad, ad->argv[0])) == NULL)
		return NOT_DONE;
	if (folder_claim(dir, err, sizeof err) != 0)
		return fail("%s%s", err, owner_note(ad->as_owner));
	for (size_t i = 0; i < t->nslide && st == DONE; i++)
		for (size_t m = 0; m < t->slide[i].nmedium && st == DONE; m++)
			st = export_medium(ad, &t->slide[i].medium[m], i + 1, dir);
	return st == DONE ? export_request(t, dir) : st;
}
