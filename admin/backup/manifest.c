/* manifest: see manifest.h. The file is a record (record.h) with a line for each file. */
#include "admin/backup/manifest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/backup/snapshot.h"
#include "admin/backup/tree.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/num.h"
#include "base/record.h"
#include "model/settings.h"

enum { CAP = 256 << 10, PATH = INSTANCE_PATH + MANIFEST_NAME + 2 };

static const struct record_form record_form = { "backup", 1 };

int
manifest_write(const struct manifest *m, const char *dir)
{
	char path[PATH];
	struct buf b;
	int rc = -1;

	buf_init(&b, CAP);
	record_start(&b, &record_form);
	record_str(&b, "made", m->made);
	record_str(&b, "version", m->version);
	record_u64(&b, "accounts", m->accounts);
	record_u64(&b, "templates", m->templates);
	record_u64(&b, "jobs", m->jobs);
	record_u64(&b, "blobs", m->blobs);
	record_u64(&b, "bytes", m->bytes);
	record_u64(&b, "faults", m->faults);
	for (unsigned i = 0; i < m->nfile; i++)
		buf_printf(&b, "file %s %s %" PRIu64 "\n", m->file[i].name, m->file[i].sha,
		    m->file[i].bytes);
	record_end(&b);
	(void)snprintf(path, sizeof path, "%s/MANIFEST", dir);
	errno = ENOMEM;
	if (buf_ok(&b))
		rc = file_replace(path, buf_str(&b), b.len);
	buf_free(&b);
	return rc;
}

/* Returns whether a backup has a file of this name. Others are refused: DB_CONFIG, for example,
 * would send Berkeley DB out of the folder. */
static bool
good_name(const char *name)
{
	return strcmp(name, "savemms.conf") == 0 ||
	    (strncmp(name, "db/", 3) == 0 && is_database_file(name + 3));
}

static void
read_file(struct record *r, struct manifest *m)
{
	struct manifest_file *f = &m->file[m->nfile];
	char *word[3];

	if (!record_words(r, word, 3))
		return;
	if (m->nfile == MANIFEST_FILES || !good_name(word[0]) || !crypt_is_sha256_hex(word[1]) ||
	    !num_u64(word[2], 0, INT64_MAX, &f->bytes)) {
		r->bad = true;
		return;
	}
	(void)snprintf(f->name, sizeof f->name, "%s", word[0]);
	memcpy(f->sha, word[1], SHA256_HEX);
	m->nfile++;
}

static void
read_field(struct record *r, struct manifest *m)
{
	const struct {
		const char *key;
		uint64_t *n;
	} number[] = {
		{ "accounts", &m->accounts },
		{ "templates", &m->templates },
		{ "jobs", &m->jobs },
		{ "blobs", &m->blobs },
		{ "bytes", &m->bytes },
		{ "faults", &m->faults },
	};

	for (size_t i = 0; i < sizeof number / sizeof number[0]; i++)
		if (record_is(r, number[i].key)) {
			*number[i].n = record_number(r, 0, UINT64_MAX);
			return;
		}
	if (record_is(r, "made"))
		record_text(r, m->made, sizeof m->made);
	else if (record_is(r, "version"))
		record_text(r, m->version, sizeof m->version);
	else if (record_is(r, "file"))
		read_file(r, m);
	else
		r->bad = true;
}

bool
manifest_read(struct manifest *m, const char *dir, char *err, unsigned errlen)
{
	struct arena *a = arena_new(4 * CAP);
	char path[PATH];
	struct record r;
	bool ok = false;
	char *text;
	size_t n = 0;

	memset(m, 0, sizeof *m);
	(void)snprintf(path, sizeof path, "%s/MANIFEST", dir);
	if (a == NULL || (text = file_slurp(a, path, CAP, &n)) == NULL) {
		(void)snprintf(err, errlen, "%s: %s", path,
		    a == NULL ? "out of memory" : strerror(errno));
		arena_free(&a);
		return false;
	}
	if (record_open(&r, a, text, n, &record_form)) {
		while (record_next(&r))
			read_field(&r, m);
		ok = record_whole(&r);
	}
	if (!ok)
		(void)snprintf(err, errlen,
		    "%s is not the manifest of a backup, or a newer savemms wrote it", path);
	arena_free(&a);
	return ok;
}

int
manifest_add(struct manifest *m, const char *from, const char *to, const char *name, uint64_t most)
{
	char source[PATH], target[PATH];
	struct manifest_file *f = &m->file[m->nfile];

	if (m->nfile == MANIFEST_FILES || !good_name(name)) {
		errno = EOVERFLOW;
		return -1;
	}
	(void)snprintf(source, sizeof source, "%s/%s", from, name);
	(void)snprintf(target, sizeof target, "%s/%s", to, name);
	f->bytes = most;
	if (tree_copy(source, target, f->sha, &f->bytes) != 0)
		return -1;
	(void)snprintf(f->name, sizeof f->name, "%s", name);
	m->nfile++;
	return 0;
}
