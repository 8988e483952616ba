/*
 * fuzz: what the fuzzers share. Each fuzz_NAME.c has one entry point, which takes
 * any bytes and aborts when a promise of a header is broken. With clang it is run
 * by libFuzzer (make fuzz); with any compiler by seeds.c over the files of
 * seeds/NAME (make check).
 */
#ifndef SM_FUZZ_H
#define SM_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(cond)                                                                               \
	do {                                                                                     \
		if (!(cond)) {                                                                   \
			(void)fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #cond); \
			abort();                                                                 \
		}                                                                                \
	} while (0)

enum { FUZZ_MEMORY = 64 << 20 }; /* for an arena */

#endif
