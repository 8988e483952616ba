/*
 * data: reads the variables that --data options give.
 */
#ifndef SM_DATA_H
#define SM_DATA_H

#include "admin/admin.h"

/* Puts the variables of all --data name=value into m (m->var, sorted); their memory is ad->a's. On
 * failure prints what is wrong and returns false. */
bool read_data(struct admin *ad, struct message *m);

#endif
