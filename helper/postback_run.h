/*
 * postback_run: makes one attempt to tell a customer's server (savemms-api(7), Postbacks).
 */
#ifndef SM_POSTBACK_RUN_H
#define SM_POSTBACK_RUN_H

#include "helper/helper.h"

void postback_run(struct helper *h, const struct job *j, struct arena *a);

#endif
