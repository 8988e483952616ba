/*
 * num: numbers out of text, strictly: the whole string or nothing.
 */
#ifndef SM_NUM_H
#define SM_NUM_H

#include <stdbool.h>
#include <stdint.h>

/* Reads a decimal number without sign, blanks or leading '+', min <= *out <=
 * max. False (and *out untouched) for anything else, "" and overflow too. */
bool num_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out)
    __attribute__((warn_unused_result));

#endif
