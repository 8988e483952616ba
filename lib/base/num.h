/*
 * num: reads numbers: strictly from text, where the whole string must be one, and from bytes.
 */
#ifndef SM_NUM_H
#define SM_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads a decimal number from min to max, without a sign or blanks. Returns false and leaves
 * *out alone for anything else, "" and overflow included. */
bool num_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out)
    __attribute__((warn_unused_result));

/* Return the number that the n bytes at p are, at most 8; in the first the first byte counts most,
 * in the other the last. */
uint64_t num_big(const unsigned char *p, size_t n);
uint64_t num_little(const unsigned char *p, size_t n);

/* The same for four bytes. */
uint32_t num_big32(const unsigned char *p);
uint32_t num_little32(const unsigned char *p);

#endif
