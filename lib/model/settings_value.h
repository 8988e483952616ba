/*
 * settings_value: checks and reads the values of settings that are more than a number or
 * free text. Pure.
 */
#ifndef SM_SETTINGS_VALUE_H
#define SM_SETTINGS_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/check.h"
#include "model/media.h"
#include "model/settings.h"

/* Returns true if a class may have this name: 1 to CLASS_NAME - 1 of A-Z and 0-9. */
bool class_name_ok(const char *name);

/* The parts of a class, written NAME:BYTES:SIDE:FILM-SOUND[:SOUND[:PROFILE]]. */
struct class_parts {
	const char *name;     /* points into the text that was read */
	uint64_t bytes;       /* of a message */
	uint64_t side;        /* longest, in pixels */
	uint64_t film_bps;    /* bits a second of sound in a film */
	uint64_t sound_bps;   /* of sound alone; SOUND_MONO (media.h) where the text has none */
	enum profile profile; /* baseline where the text has none */
};

/* Splits text in place and reads its parts. Returns how many there are: 1 is a name alone, and
 * then no numbers are set; 4 to 6 are a class. Returns 0 when the text is neither. It accepts
 * any name and any numbers; the caller checks their bounds. */
unsigned class_parse(char *text, struct class_parts *out) __attribute__((warn_unused_result));

/* Reads a list of classes. Returns how many there are, or 0 when the list is wrong or empty. */
unsigned settings_classes(const char *list, struct class out[CLASS_MAX]);

/* Reads a list of seconds and sets *n to their number. Returns false when the list is wrong. */
bool settings_schedule(const char *list, uint32_t out[RETRY_MAX], unsigned *n);

check_fn check_classes;
check_fn check_schedule;
check_fn check_ports;
check_fn check_routes;
check_fn check_base_url;
check_fn check_spool_media;
check_fn check_log_format;
check_fn check_answer_type;

#endif
