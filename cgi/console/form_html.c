/* form_html: writes forms with their fields and buttons. See console.h. */
#include "cgi/console/console.h"

#include <string.h>

void
console_hidden(struct console *c, const char *name, const char *value)
{
	html_open(c->out, "input", "type", "hidden", "name", name, "value", value, NULL);
	buf_addc(c->out, '\n');
}

void
console_form(struct console *c, const char *action, const char *class)
{
	html_open(c->out, "form", "method", "post", "action", console_url(c, "%s", action), "class",
	    class, "accept-charset", "utf-8", NULL);
	console_hidden(c, "token", c->token);
}

void
console_form_end(struct console *c)
{
	html_close(c->out, "form");
	buf_addc(c->out, '\n');
}

void
console_form_files(struct console *c, const char *action, const char *id, const char *preview)
{
	html_open(c->out, "form", "method", "post", "action", console_url(c, "%s", action), "id",
	    id, "class", "plain", "enctype", "multipart/form-data", "accept-charset", "utf-8",
	    "data-preview", preview != NULL ? console_url(c, "%s", preview) : NULL, NULL);
	console_hidden(c, "token", c->token);
}

/* --- fields ----------------------------------------------------------------------------- */

static const char *
field_id(const struct console_input *in)
{
	return in->id != NULL ? in->id : in->name;
}

static void
open_field(struct console *c, const struct console_input *in)
{
	html_open(c->out, "p", "class", in->class, NULL);
	html_open(c->out, "label", "for", field_id(in), NULL);
	html_text(c->out, in->label);
	html_close(c->out, "label");
	buf_addc(c->out, '\n');
}

static const char *
hint_id(struct console *c, const struct console_input *in)
{
	return in->hint != NULL ? arena_printf(c->arena, "%s-hint", field_id(in)) : NULL;
}

static void
close_field(struct console *c, const struct console_input *in)
{
	if (in->hint != NULL) {
		html_open(c->out, "span", "class", "hint", "id", hint_id(c, in), NULL);
		html_text(c->out, in->hint);
		html_close(c->out, "span");
	}
	buf_adds(c->out, "</p>\n");
}

static bool
is_textarea(const struct console_input *in)
{
	return in->type != NULL && strcmp(in->type, "textarea") == 0;
}

/* Writes a line break first, because browsers drop the one with which a text begins. */
static void
close_textarea(struct console *c, const struct console_input *in)
{
	buf_addc(c->out, '\n');
	html_text(c->out, in->value);
	html_close(c->out, "textarea");
}

void
console_input(struct console *c, const struct console_input *in)
{
	const char *required = in->required ? "" : NULL, *readonly = in->readonly ? "" : NULL;
	const char *focus = in->focus ? "" : NULL;

	open_field(c, in);
	if (is_textarea(in)) {
		html_open(c->out, "textarea", "id", field_id(in), "name", in->name, "rows", "4",
		    "required", required, "readonly", readonly, "aria-describedby", hint_id(c, in),
		    "spellcheck", "false", "autofocus", focus, NULL);
		close_textarea(c, in);
	} else {
		html_open(c->out, "input", "type", in->type != NULL ? in->type : "text", "id",
		    field_id(in), "name", in->name, "value", in->value, "autocomplete",
		    in->autocomplete, "inputmode", in->inputmode, "required", required, "readonly",
		    readonly, "aria-describedby", hint_id(c, in), "spellcheck",
		    in->type == NULL ? "false" : NULL, "autofocus", focus, NULL);
	}
	close_field(c, in);
}

void
console_select(struct console *c, const struct console_input *in,
    const struct console_option *option, size_t n)
{
	open_field(c, in);
	html_open(c->out, "select", "id", in->name, "name", in->name, "aria-describedby",
	    hint_id(c, in), "autofocus", in->focus ? "" : NULL, NULL);
	for (size_t i = 0; i < n; i++) {
		html_open(c->out, "option", "value", option[i].value, "selected",
		    strcmp(option[i].value, in->value) == 0 ? "" : NULL, NULL);
		html_text(c->out, option[i].text);
		html_close(c->out, "option");
	}
	html_close(c->out, "select");
	close_field(c, in);
}

void
console_tick(struct console *c, const struct console_input *in)
{
	html_open(c->out, "p", "class", "tick", NULL);
	html_open(c->out, "input", "type", "checkbox", "id", in->name, "name", in->name, "value",
	    "yes", "checked", strcmp(in->value, "yes") == 0 ? "" : NULL, NULL);
	html_open(c->out, "label", "for", in->name, NULL);
	html_text(c->out, in->label);
	buf_adds(c->out, "</label></p>\n");
}

void
console_pick(struct console *c, const struct console_input *in, const char *accept)
{
	open_field(c, in);
	html_open(c->out, "input", "type", "file", "id", in->name, "name", in->name, "accept",
	    accept, "aria-describedby", hint_id(c, in), "autofocus", in->focus ? "" : NULL, NULL);
	close_field(c, in);
}

/* --- buttons ---------------------------------------------------------------------------- */

void
console_do(struct console *c, const struct console_do *d)
{
	const char *name = d->name != NULL ? d->name : "do";

	html_open(c->out, "button", "type", "submit", "name", d->value != NULL ? name : NULL,
	    "value", d->value, "class", d->class, "id", d->id, "aria-label", d->label, "autofocus",
	    d->focus ? "" : NULL, NULL);
	html_text(c->out, d->text);
	html_close(c->out, "button");
	buf_addc(c->out, '\n');
}

void
console_button(struct console *c, const char *text, const char *class)
{
	console_do(c, &(struct console_do){ .text = text, .class = class });
}

void
console_do_first(struct console *c, const char *value)
{
	html_open(c->out, "button", "type", "submit", "name", "do", "value", value, "class", "away",
	    "tabindex", "-1", "aria-hidden", "true", NULL);
	buf_adds(c->out, "Check</button>\n");
}

/* --- texts to be copied ----------------------------------------------------------------- */

void
console_copy(struct console *c, const struct console_input *in)
{
	open_field(c, in);
	if (is_textarea(in)) {
		html_open(c->out, "textarea", "class", "code", "id", in->name, "readonly", "",
		    "spellcheck", "false", NULL);
		close_textarea(c, in);
	} else {
		html_open(c->out, "input", "type", "text", "class", "code", "id", in->name, "value",
		    in->value, "readonly", "", "spellcheck", "false", "autocomplete", "off", NULL);
	}
	close_field(c, in);
}

void
console_copy_button(struct console *c, const char *id)
{
	html_open(c->out, "button", "type", "button", "class", "second", "data-copy", id, "hidden",
	    "", NULL);
	buf_adds(c->out, "Copy</button>\n");
}
