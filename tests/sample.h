/*
 * sample: templates and settings to store in tests and measurements.
 */
#ifndef SM_SAMPLE_H
#define SM_SAMPLE_H

#include "model/account.h"
#include "model/settings.h"
#include "model/template.h"

struct sample {
	struct template t;
	struct slide slide[2];
	struct medium medium[2];
	struct rendition rendition[2][4];
	char text[1025];
};

/* A template of the account with two slides, each with a picture of four
 * renditions, about 3 KB as a record; its ten blobs are blob(seed) and the nine
 * after it, and blob(0). */
void sample_template(struct sample *s, uint64_t account, uint64_t seed);

/* The hash that stands for blob number n. */
void sample_blob(uint64_t n, char sha[SHA256_HEX]);

/* A new folder under $TMPDIR (/tmp), and removing one with all in it. */
void sample_dir(char *out, size_t size);
void sample_rmdir(const char *dir);

/* Defaults for dir, with a reserve of 1 MB. */
void sample_settings(struct settings *s, const char *dir);

#endif
