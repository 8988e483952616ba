/* set_up: what the tests of requests read and check in. */
#ifndef SM_REQUEST_SET_UP_H
#define SM_REQUEST_SET_UP_H

#include "base/arena.h"
#include "request/request.h"

extern struct arena *arena;

/* For cmocka: make it, and the parser of XML, before all tests, and free it after. */
int set_up(void **state);
int tear_down(void **state);

/* Reads n bytes as the body of a POST of this Content-Type. Returns NULL with the reason in failure
 * when they are refused. */
struct request *post(const char *type, const char *body, size_t n);
extern struct failure failure;

#endif
