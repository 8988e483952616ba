/*
 * num: reads numbers strictly: the whole string must be a number.
 */
#ifndef SM_NUM_H
#define SM_NUM_H

#include <stdbool.h>
#include <stdint.h>

/* Reads a decimal number from min to max, without a sign or blanks. Returns false and leaves
 * *out alone for anything else, "" and overflow included. */
bool num_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out)
    __attribute__((warn_unused_result));

#endif
