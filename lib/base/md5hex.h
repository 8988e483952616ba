/*
 * md5hex: MD5, only for the form of PASS that existing clients send (savemms-api(7), Who is
 * calling).
 */
#ifndef SM_MD5HEX_H
#define SM_MD5HEX_H

#include <stddef.h>

enum { MD5_HEX = 33 };

/* Writes the MD5 of n bytes at p as 32 lower-case hex digits and a NUL. */
void md5_hex(const void *p, size_t n, char out[MD5_HEX]);

#endif
