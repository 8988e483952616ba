/* set_up: see set_up.h */
#include "set_up.h"

#include "request/json_tree.h"
#include "request/xmltree.h"

struct arena *arena;
struct failure failure;

int
set_up(void **state)
{
	xmltree_init();
	json_tree_init();
	arena = arena_new(64 << 20);
	return arena == NULL;
}

int
tear_down(void **state)
{
	arena_free(&arena);
	return 0;
}

struct request *
post(const char *type, const char *body, size_t n)
{
	const struct request_bytes in = { .post = true,
		.query = "",
		.content_type = type,
		.body = body,
		.len = n };

	return request_read(arena, &in, &failure);
}
