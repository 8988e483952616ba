/*
 * md5hex: only for the form of PASS that existing clients send (SPEC 2.1).
 */
#ifndef SM_MD5HEX_H
#define SM_MD5HEX_H

#include <stddef.h>

enum { MD5_HEX = 33 };

/* MD5 of n bytes as 32 lower-case hex digits and a NUL. */
void md5_hex(const void *p, size_t n, char out[MD5_HEX]);

#endif
