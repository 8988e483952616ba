/*
 * settings: savemms.conf of an instance, which a program reads when it starts, and again after
 * "savemms reload" (ops/reload.h).
 */
#ifndef SM_SETTINGS_H
#define SM_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "model/routing.h"

enum { CLASS_MAX = 8, CLASS_NAME = 16, RETRY_MAX = 20, SETTING_TEXT = 512, INSTANCE_PATH = 2048 };

/* A class of handsets, with the size a whole message may have (savemms-media(7), Classes). */
struct class
{
	char name[CLASS_NAME];
	uint64_t bytes;     /* of the whole message, in binary */
	uint32_t box;       /* longest side of an image, pixels */
	uint32_t audio_bps; /* most bits a second of sound in a video */
	uint32_t sound_bps; /* of sound alone; above SOUND_MONO (media.h) it may be stereo */
	uint32_t profile;   /* of films: enum profile */
};

/* When a change of a setting takes effect: with "savemms reload", or only when these programs are
 * started again. */
enum settings_when { SETTINGS_NOW, SETTINGS_WEB, SETTINGS_HELPER, SETTINGS_BOTH };

struct settings {
	char dir[INSTANCE_PATH];  /* the instance's folder, an absolute path */
	char file[INSTANCE_PATH]; /* the file that was read */
	uid_t owner;              /* of that file */
#define NUM(name, key, when, def, min, max, doc) uint64_t name;
#define STR(name, key, when, def, check, doc) char name[SETTING_TEXT];
#include "model/settings.def"
#undef NUM
#undef STR
	/* derived from the texts above */
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

/* Reads the file at path, or the one that SAVEMMS_CONF names if path is NULL. If the path is a
 * folder, reads savemms.conf in it. The instance's folder is the one that holds the file, after
 * links. Root reads the file only if file, instance's folder and the folder that path names have
 * one owner: otherwise a link would make root trust another's file, and run the programs that it
 * names. Root then becomes s->owner (user.h) before it uses anything of the instance. Returns 0,
 * or -1 with one line in err that names file, line, key and what is allowed, or the line that is
 * missing. */
int settings_read(struct settings *s, const char *path, char *err, size_t errlen)
    __attribute__((warn_unused_result));

/* Sets all defaults, for the instance folder dir. */
void settings_defaults(struct settings *s, const char *dir);

/* Checks the value, sets one key and updates the derived parts. Returns 0, or -1 with the reason
 * in err. */
int settings_set(struct settings *s, const char *key, const char *value, char *err, size_t errlen)
    __attribute__((warn_unused_result));

/* Returns encode-jobs, or the number of cores if that is 0. The result is at least 1. */
unsigned settings_encode_jobs(const struct settings *s);

/* Opens the log of this instance for the program: log-file, else log/savemms.log in the
 * instance's folder; in the form that log-format names. If log-file is "-" or the file cannot be
 * opened, it logs to stderr. */
void settings_open_log(const struct settings *s, const char *program);

/* Writes the path of name in the instance's folder to out, which has size bytes. Writes "" when
 * it does not fit; opening that fails. */
void settings_path(const struct settings *s, const char *name, char *out, size_t size);

/* Copies the values that take effect only when a program is started again from old to s, for a
 * program that has read s while it runs. */
void settings_keep(struct settings *s, const struct settings *old);

/* Returns when a change of this key takes effect; SETTINGS_NOW for a key that is not in
 * settings.def, as are those of carriers, handsets and transports. */
enum settings_when settings_when(const char *key);

/* Calls each(ctx, key, current value as text, default as text, manual text) for every setting,
 * in the order of settings.def. */
void settings_each(const struct settings *s,
    void (*each)(void *ctx, const char *key, const char *value, const char *def, const char *doc),
    void *ctx);

#endif
