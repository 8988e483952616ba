/*
 * settings_value: values of settings that are more than a number or any text: what is
 * wrong with them, and what they mean. Pure.
 */
#ifndef SM_SETTINGS_VALUE_H
#define SM_SETTINGS_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/check.h"
#include "model/settings.h"

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
