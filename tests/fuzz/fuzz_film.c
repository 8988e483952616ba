/*
 * fuzz_film: a film, demuxed, decoded, filtered and encoded; see fuzz_av.c.
 */
#include "fuzz_av.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_av(KIND_VIDEO, data, size);
	return 0;
}
