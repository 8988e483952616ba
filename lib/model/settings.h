/*
 * settings: savemms.conf of an instance, read once at start.
 */
#ifndef SM_SETTINGS_H
#define SM_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/routing.h"

enum { CLASS_MAX = 8, CLASS_NAME = 16, RETRY_MAX = 20, SETTING_TEXT = 512, INSTANCE_PATH = 2048 };

/* A class of handsets: what a whole message may weigh (MEDIA.md 2.1). */
struct class
{
	char name[CLASS_NAME];
	uint64_t bytes;     /* of the whole message, in binary */
	uint32_t box;       /* longest side of an image, pixels */
	uint32_t audio_bps; /* most bits a second of sound in a video */
	uint32_t sound_bps; /* of sound alone; above SOUND_MONO (media.h) it may be stereo */
	uint32_t profile;   /* enum profile: of films */
};

struct settings {
	char dir[INSTANCE_PATH];  /* the instance's folder, absolute */
	char file[INSTANCE_PATH]; /* the file these came from */
#define NUM(name, key, def, min, max, doc) uint64_t name;
#define STR(name, key, def, check, doc) char name[SETTING_TEXT];
#include "model/settings.def"
#undef NUM
#undef STR
	/* read out of the texts above */
	struct class class[CLASS_MAX];
	unsigned nclass;
	uint32_t retry[RETRY_MAX]; /* seconds */
	unsigned nretry;
	uint32_t deliver_retry[RETRY_MAX]; /* seconds */
	unsigned ndeliver_retry;
	uint32_t encode_retry[RETRY_MAX]; /* seconds */
	unsigned nencode_retry;
	struct routing routing; /* carrier-NAME, handset-NAME, transport-NAME */
};

/* Reads the file at path, or, where path is NULL, the one SAVEMMS_CONF names.
 * A path that is a folder means savemms.conf in it. 0, or -1 and in err one
 * line that names file, line, key and what is allowed. */
int settings_read(struct settings *s, const char *path, char *err, size_t errlen)
    __attribute__((warn_unused_result));

/* All defaults, for the instance folder dir. */
void settings_defaults(struct settings *s, const char *dir);

/* Sets one key, checked; 0, or -1 and the reason in err. The derived parts are
 * brought up to date. */
int settings_set(struct settings *s, const char *key, const char *value, char *err, size_t errlen)
    __attribute__((warn_unused_result));

/* encode-jobs, or the number of cores where that is 0. At least 1. */
unsigned settings_encode_jobs(const struct settings *s);

/* Opens the log of this instance for the program: log-file, else log/savemms.log in
 * its folder; stderr where that is "-" or cannot be opened. */
void settings_open_log(const struct settings *s, const char *program);

/* dir/name in out; "" when it does not fit (then opening it fails). */
void settings_path(const struct settings *s, const char *name, char *out, size_t size);

/* Calls each(ctx, key, current value as text, default as text, manual text) for every setting in
 * order. */
void settings_each(const struct settings *s,
    void (*each)(void *ctx, const char *key, const char *value, const char *def, const char *doc),
    void *ctx);

#endif
