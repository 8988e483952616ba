/* set_up: what the tests of requests read and check in. */
#ifndef SM_REQUEST_SET_UP_H
#define SM_REQUEST_SET_UP_H

#include "base/arena.h"

extern struct arena *arena;

/* For cmocka: make it, and the parser of XML, before all tests, and free it after. */
int set_up(void **state);
int tear_down(void **state);

#endif
