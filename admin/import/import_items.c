/* import_items: see import.h */
#include <stdlib.h>
#include <string.h>

#include "admin/import/import.h"

static int
by_id(const void *x, const void *y)
{
	const struct import_item *a = x, *b = y;
	int c = strcmp(a->old, b->old);

	if (c != 0)
		return c;
	if (a->described != b->described)
		return a->described ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static int
by_age(const void *x, const void *y)
{
	const struct import_item *a = x, *b = y;

	if (a->created != b->created)
		return a->created < b->created ? -1 : 1;
	return a->order > b->order ? -1 : a->order < b->order;
}

static int
of_id(const void *old, const void *item)
{
	return strcmp(old, ((const struct import_item *)item)->old);
}

void
import_items_unite(struct import *im)
{
	size_t kept = 0;

	qsort(im->item, im->n, sizeof *im->item, by_id);
	for (size_t i = 0; i < im->n; i++)
		if (kept == 0 || strcmp(im->item[kept - 1].old, im->item[i].old) != 0)
			im->item[kept++] = im->item[i];
	im->n = kept;
}

struct import_item *
import_items_find(const struct import *im, const char *old)
{
	return bsearch(old, im->item, im->n, sizeof *im->item, of_id);
}

void
import_items_by_age(struct import *im)
{
	qsort(im->item, im->n, sizeof *im->item, by_age);
}
