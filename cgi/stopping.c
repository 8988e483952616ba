/* stopping: see stopping.h */
#include "cgi/stopping.h"

#include <stdatomic.h>

static atomic_bool begun;

void
stopping_begin(void)
{
	begun = true;
}

bool
stopping(void)
{
	return begun;
}
