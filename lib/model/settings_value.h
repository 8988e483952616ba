/*
 * settings_value: values of settings that are more than a number or any text: what is
 * wrong with them, and what they mean. Pure.
 */
#ifndef SM_SETTINGS_VALUE_H
#define SM_SETTINGS_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/check.h"
#include "model/media.h"
#include "model/settings.h"

/* May a class have this name: 1 to CLASS_NAME - 1 of A-Z and 0-9. */
bool class_name_ok(const char *name);

/* The parts of a class as text gives them: NAME:BYTES:SIDE:FILM-SOUND[:SOUND[:PROFILE]]. */
struct class_parts {
	const char *name;     /* in the text that was read */
	uint64_t bytes;       /* of a message */
	uint64_t side;        /* longest, in pixels */
	uint64_t film_bps;    /* bits a second of the sound of a film */
	uint64_t sound_bps;   /* of sound alone; SOUND_MONO (media.h) where the text has none */
	enum profile profile; /* baseline where the text has none */
};

/* Reads the parts of text, which it cuts up. How many it has: 1 is a name alone, with
 * no numbers set; 4 to 6 are a class; 0: it is neither. Any name and any numbers are
 * taken: their bounds are the caller's. */
unsigned class_parse(char *text, struct class_parts *out) __attribute__((warn_unused_result));

/* Reads a list of classes; how many, 0 when the list is none. */
unsigned settings_classes(const char *list, struct class out[CLASS_MAX]);
/* Reads a list of seconds; false when it is none. */
bool settings_schedule(const char *list, uint32_t out[RETRY_MAX], unsigned *n);

check_fn check_classes;
check_fn check_schedule;
check_fn check_ports;
check_fn check_routes;
check_fn check_base_url;
check_fn check_spool_media;

#endif
