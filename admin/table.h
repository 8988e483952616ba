/*
 * table: lists for people and for programs.
 *
 * On a terminal the columns are aligned under a heading; anywhere else a row is
 * a line, its cells separated by a tab, with no heading. Text that came from
 * customers cannot forge lines or steer the terminal: control characters are
 * written as '?', line breaks as \n.
 */
#ifndef SM_TABLE_H
#define SM_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { TABLE_COLUMNS = 10, TABLE_ROWS = 64 };

struct table {
	FILE *out;
	const char *const *head;
	size_t ncol;
	bool aligned, headed;
	size_t width[TABLE_COLUMNS];
	char *cell[TABLE_ROWS][TABLE_COLUMNS];
	size_t nrow; /* waiting to be aligned */
};

/* Starts a table of at most TABLE_COLUMNS columns with this heading. */
void table_start(struct table *t, FILE *out, bool aligned, const char *const *head, size_t ncol);

/* Adds a row; the cells are copied. Rows are aligned in groups of TABLE_ROWS,
 * so a list of any length needs little memory. False: memory is short. */
bool table_row(struct table *t, const char *const *cell) __attribute__((warn_unused_result));

/* Writes what still waits and frees it. */
void table_end(struct table *t);

/* Writes text as a cell would be. */
void text_print(FILE *out, const char *text);

/* Columns that text takes on a terminal, one a character. */
size_t text_width(const char *text);

#endif
