/* migrate: brings the store to the present layout, once no older program has it open. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/cmd.h"
#include "admin/say.h"
#include "ops/programs.h"
#include "store/migrate.h"

struct look {
	const struct settings *s;
	int old;     /* programs that do not know the present layout; -1: that is not known */
	int err;     /* errno, if it is not */
	bool anyway; /* go on all the same: nothing is going to be changed */
};

static void
print_program(void *ctx, pid_t pid, const char *program)
{
	(void)ctx;
	(void)printf("process %ld has the store open, and knows only the old layout: %s\n",
	    (long)pid, program);
}

static bool
may_migrate(void *ctx)
{
	struct look *l = ctx;

	l->old = programs_of_old_layouts(l->s, print_program, NULL);
	l->err = l->old < 0 ? errno : 0;
	return l->old == 0 || l->anyway;
}

/* Says why the store is, or would be, left as it is. Returns DONE if nothing is in the way. */
static int
in_the_way(const struct look *l)
{
	if (l->old < 0)
		return fail("whether older programs have the store open cannot be found out: %s",
		    strerror(l->err));
	if (l->old > 0)
		return fail("older programs have the store open, %d of them: reload the web server "
			    "and end old helpers first",
		    l->old);
	return DONE;
}

int
cmd_migrate(struct admin *ad)
{
	struct look look = { .s = &ad->s, .anyway = ad->opt[OPT_DRY_RUN] != NULL };
	struct store_migration m = { .dry = look.anyway, .may = may_migrate, .ctx = &look };
	enum store_rc rc = store_migrate(ad->st, &m);

	if (rc == ST_CONFLICT)
		return in_the_way(&look);
	if (rc != ST_OK)
		return fail_store(rc, "the store cannot be migrated");
	if (m.from == m.to) {
		(void)printf("The store has layout %" PRIu64 ", the present one.\n", m.to);
		return finish();
	}
	(void)printf(m.dry ? "The store has layout %" PRIu64 " and would be brought to %" PRIu64
			     ". Tables would be made for %" PRIu64 " jobs.\n"
			     "Programs before version 0.2.0 could not open it any more.\n" :
			     "The store had layout %" PRIu64 " and has %" PRIu64
			     " now. Tables were made for %" PRIu64 " jobs.\n"
			     "Programs before version 0.2.0 cannot open it any more.\n",
	    m.from, m.to, m.jobs);
	return finish() == DONE ? in_the_way(&look) : NOT_DONE;
}
