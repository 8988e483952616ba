/*
 * table: prints lists for people and for programs.
 *
 * On a terminal the columns are aligned under a heading. Anywhere else a row is a line with its
 * cells separated by tabs, and there is no heading. Text from customers cannot forge lines or
 * control the terminal: control characters are written as '?', line breaks as \n.
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

/* Starts a table of ncol columns, at most TABLE_COLUMNS, with this heading. head must outlive the
 * table. */
void table_start(struct table *t, FILE *out, bool aligned, const char *const *head, size_t ncol);

/* Adds a row and copies its cells. Rows are aligned in groups of TABLE_ROWS, so a list of any
 * length needs little memory. Returns false if memory is short. */
bool table_row(struct table *t, const char *const *cell) __attribute__((warn_unused_result));

/* Writes the rows that still wait and frees them. */
void table_end(struct table *t);

/* Writes text in the way a cell is written. */
void text_print(FILE *out, const char *text);

/* Returns the columns that text takes on a terminal, one for each character. */
size_t text_width(const char *text);

#endif
