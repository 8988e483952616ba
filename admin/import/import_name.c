/* import_name: see import.h. Pure. */
#include <string.h>

#include "admin/import/import.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/xmlout.h"
#include "model/text.h"
#include "request/charset.h"
#include "request/document.h"
#include "request/xmltree.h"

enum { NAME_CAP = 4 << 20 }; /* bytes of XML; that of a whole request has no more */

char *
import_name(struct arena *a, const char *name)
{
	struct failure f = { .code = E503 };
	struct xnode *root = NULL;
	char *out = NULL;
	struct buf b;

	buf_init(&b, NAME_CAP);
	xml_elem(&b, "NAME", name);
	if (buf_ok(&b)) {
		const struct charset_in in = { .p = buf_str(&b), .n = b.len, .named = "" };

		root = document_xml(a, &in, false, &f);
	}
	if (root != NULL)
		out = arena_strdup(a, root->text);
	else if (f.code == E108)
		out = arena_strdup(a, name); /* the server will refuse it, too */
	buf_free(&b);
	return out != NULL ? text_trim(out) : NULL;
}
