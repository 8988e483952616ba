/*
 * ascii: sets of ASCII characters, for ascii_only(), strspn() and strchr(), and what single
 * characters are. No locale matters.
 */
#ifndef SM_ASCII_H
#define SM_ASCII_H

#include <stdbool.h>

#define ASCII_UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define ASCII_LOWER "abcdefghijklmnopqrstuvwxyz"
#define ASCII_DIGITS "0123456789"
#define ASCII_ALNUM ASCII_UPPER ASCII_LOWER ASCII_DIGITS
#define ASCII_HEX_LOWER ASCII_DIGITS "abcdef"
#define ASCII_HEX ASCII_HEX_LOWER "ABCDEF"

/* Does text hold characters of set only? "" does. */
bool ascii_only(const char *text, const char *set);

/* A capital letter as the small one, any other character as it is. */
char ascii_lower(char c);

/* The value of a hex digit of either case; -1 for any other character. */
int ascii_hex_value(char c);

#endif
