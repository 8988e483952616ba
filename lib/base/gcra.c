/* gcra: see gcra.h */
#include "base/gcra.h"

int64_t
gcra_next(int64_t arrival, int64_t now, int64_t each, int64_t n)
{
	if (arrival < now || arrival > now + 2 * each * n)
		arrival = now;
	return arrival - now > each * (n - 1) ? -1 : arrival + each;
}
