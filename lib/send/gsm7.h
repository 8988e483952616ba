/*
 * gsm7: tells which texts an SMS carries in 7 bits per character. Pure.
 */
#ifndef SM_GSM7_H
#define SM_GSM7_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Returns how many septets a character takes: 1, 2 if it is in the extension, or 0 if neither the
 * alphabet nor the extension has it. */
size_t gsm7_septets(uint32_t c);

/* Tells whether the GSM 7 bit default alphabet or its extension (3GPP TS 23.038, 6.2.1) holds
 * every character of text, which is valid UTF-8. Other texts go as UCS-2. */
bool gsm7_holds(const char *text);

#endif
