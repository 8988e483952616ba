/* table: see table.h */
#include "admin/table.h"

#include <stdlib.h>
#include <string.h>

/* Returns the length in bytes of the control character at s, or 0 if it is another character. Some
 * terminals obey C1 controls (U+0080 to U+009F) as they obey C0 ones. */
static size_t
control_at(const unsigned char *s)
{
	if (s[0] < 0x20 || s[0] == 0x7f)
		return 1;
	return s[0] == 0xc2 && s[1] >= 0x80 && s[1] < 0xa0 ? 2 : 0;
}

void
text_print(FILE *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text, *from = s;

	for (; *s != '\0'; from = s) {
		size_t n = 0;

		while (*s != '\0' && (n = control_at(s)) == 0)
			s++;
		(void)fwrite(from, 1, (size_t)(s - from), out);
		if (n > 0)
			(void)fputs(*s == '\n' ? "\\n" : "?", out);
		s += n;
	}
}

size_t
text_width(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t w = 0;

	while (*s != '\0') {
		size_t n = control_at(s);

		w += (s[0] & 0xc0) != 0x80;
		w += *s == '\n';
		s += n > 0 ? n : 1;
	}
	return w;
}

void
table_start(struct table *t, FILE *out, bool aligned, const char *const *head, size_t ncol)
{
	memset(t, 0, sizeof *t);
	t->out = out;
	t->aligned = aligned;
	t->head = head;
	t->ncol = ncol;
	for (size_t i = 0; i < ncol; i++)
		t->width[i] = text_width(head[i]);
}

static void
print_row(struct table *t, const char *const *cell)
{
	for (size_t i = 0; i < t->ncol; i++) {
		text_print(t->out, cell[i]);
		if (i + 1 == t->ncol)
			(void)putc('\n', t->out);
		else if (t->aligned)
			(void)fprintf(t->out, "%*s", (int)(t->width[i] - text_width(cell[i]) + 2),
			    "");
		else
			(void)putc('\t', t->out);
	}
}

static void
flush(struct table *t)
{
	if (t->nrow > 0 && !t->headed)
		print_row(t, t->head);
	t->headed |= t->nrow > 0;
	for (size_t r = 0; r < t->nrow; r++) {
		print_row(t, (const char *const *)t->cell[r]);
		for (size_t i = 0; i < t->ncol; i++) {
			free(t->cell[r][i]);
			t->cell[r][i] = NULL;
		}
	}
	t->nrow = 0;
}

bool
table_row(struct table *t, const char *const *cell)
{
	char **row = t->cell[t->nrow];

	if (!t->aligned) {
		print_row(t, cell);
		return true;
	}
	for (size_t i = 0; i < t->ncol; i++) {
		size_t w = text_width(cell[i]);

		if ((row[i] = strdup(cell[i])) == NULL) {
			while (i-- > 0) {
				free(row[i]);
				row[i] = NULL;
			}
			return false;
		}
		if (w > t->width[i])
			t->width[i] = w;
	}
	if (++t->nrow == TABLE_ROWS)
		flush(t);
	return true;
}

void
table_end(struct table *t)
{
	flush(t);
}
