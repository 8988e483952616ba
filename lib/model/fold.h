/*
 * fold: names as the API compares them (savemms-api(7), Dialects): API_KEY, api-key and apikey are
 * one name.
 */
#ifndef SM_FOLD_H
#define SM_FOLD_H

#include <stdbool.h>

/* Compares two names without regard to case (of ASCII), '-' and '_'. fold_compare() returns less
 * than, equal to or greater than 0, an order in which equal names stand together. */
int fold_compare(const char *a, const char *b);
bool fold_same(const char *a, const char *b);

/* Returns where in name the word ends with which it begins, compared in the same way: of
 * "slide_1_text" and "slide" it is "_1_text". Returns NULL when name does not begin with it. */
const char *fold_after(const char *name, const char *word);

#endif
