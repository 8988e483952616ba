/*
 * store_list: lists of templates, newest first. store_template_count() is in store.h.
 */
#ifndef SM_STORE_LIST_H
#define SM_STORE_LIST_H

#include "store/store.h"

/* Selects the templates of a list, newest first. */
struct template_query {
	uint64_t account;   /* 0: all accounts */
	int64_t since;      /* created then or later, microseconds */
	uint64_t before_id; /* behind this one in the list, which was created then; 0: from the */
	int64_t before_created; /* beginning. It need not be there any more. */
	uint64_t skip;          /* how many to skip */
	size_t max;             /* how many to return at most; 0: only count them */
};
/* Takes the templates of a list, one after the other. begin() is called before the first one, with
 * the number that match, on all pages. It may be called again: then the list has changed, and what
 * was taken before does not count. take() returns false to end it. */
struct template_reader {
	void (*begin)(void *ctx, uint64_t total);
	bool (*take)(void *ctx, const struct template *t);
	void *ctx;
};
/* Reads a list as it was at one moment between call and return. ST_AGAIN: it changed too often. The
 * templates are not all in memory at once. */
enum store_rc store_template_each(struct store *st, const struct template_query *q,
    const struct template_reader *reader);
/* Finds only the ids, in the same way. */
struct template_found {
	uint64_t *id; /* newest first */
	size_t n;
	uint64_t total; /* that match, on all pages */
};
enum store_rc store_template_find(struct store *st, const struct template_query *q, struct arena *a,
    struct template_found *out);
/* Reads n templates (ST_NOMEM above TEMPLATES_READ). The caller sets t to NULLs; those stay where a
 * template is gone. */
enum { TEMPLATES_READ = 100 };
enum store_rc store_template_read(struct store *st, const uint64_t *id, size_t n, struct arena *a,
    struct template **t);

#endif
