/* set_up: see set_up.h */
#include "set_up.h"

#include "base/crypt.h"
#include "blob/blob.h"
#include "sample.h"

struct settings settings;
char dir[200];
struct arena *arena;

int
set_up(void **state)
{
	sample_dir(dir, sizeof dir);
	sample_settings(&settings, dir);
	arena = arena_new(64 << 20);
	return arena != NULL && crypt_init() && blob_init(&settings) == 0 ? 0 : -1;
}

int
tear_down(void **state)
{
	arena_free(&arena);
	sample_rmdir(dir);
	return 0;
}
