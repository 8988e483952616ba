/* set_up: an instance with media in a folder of its own, for the tests of sending. */
#ifndef SM_SEND_SET_UP_H
#define SM_SEND_SET_UP_H

#include "base/arena.h"
#include "model/settings.h"

extern struct settings settings;
extern char dir[200]; /* the instance's folder */
extern struct arena *arena;

/* For cmocka: make them before all tests, and remove them after. */
int set_up(void **state);
int tear_down(void **state);

#endif
