/*
 * problem: says what went wrong with a request for a resource, as application/problem+json
 * (RFC 9457; savemms-api-rest(7), Problems).
 */
#ifndef SM_PROBLEM_H
#define SM_PROBLEM_H

#include "cgi/rest/rest.h"

/* Returns the HTTP status of a code. An E503 that lasts is 500. Pure. */
int problem_status(enum api_error code, bool lasting);

/* Turns the answer into the problem that the call's failure is. */
void problem_answer(struct rest *r);

#endif
