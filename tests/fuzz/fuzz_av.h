/*
 * fuzz_av: what the fuzzers of sound and film share: one file given to av_run().
 */
#ifndef SM_FUZZ_AV_H
#define SM_FUZZ_AV_H

#include "fuzz.h"

#include "model/media.h"

/* Gives the input to av_run() as a file of this kind, and aborts when a promise is broken; the
 * promises are listed in fuzz_av.c. */
void fuzz_av(enum kind kind, const uint8_t *data, size_t size);

#endif
