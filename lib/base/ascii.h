/*
 * ascii: sets of ASCII characters, for ascii_only(), strspn() and strchr(), and functions on
 * single characters. None of them depends on the locale.
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

/* Returns true if text holds only characters of set; also for "". */
bool ascii_only(const char *text, const char *set);

/* Returns the small letter of a capital one, and any other character unchanged. */
char ascii_lower(char c);

/* Returns the value of a hex digit of either case, or -1 for any other character. */
int ascii_hex_value(char c);

#endif
