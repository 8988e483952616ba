/* set_up: see set_up.h */
#include "set_up.h"

#include "request/xmltree.h"

struct arena *arena;

int
set_up(void **state)
{
	xmltree_init();
	arena = arena_new(64 << 20);
	return arena == NULL;
}

int
tear_down(void **state)
{
	arena_free(&arena);
	return 0;
}
