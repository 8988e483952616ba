/* transport: see transport.h. Each kind has a row here and a file of its own. */
#include "send/transport.h"

#include <stdio.h>

#include "send/transport_driver.h"

enum { SETTLE_AT_ONCE = 64 };

static const struct transport_driver *const drivers[] = {
	[TRANSPORT_SPOOL] = &spool_driver,
	[TRANSPORT_MM7] = &mm7_driver,
	[TRANSPORT_SMS_HTTP] = &sms_http_driver,
};

enum { KINDS = sizeof drivers / sizeof drivers[0] };

/* Returns NULL if this kind is not built in. */
static const struct transport_driver *
driver_of(const struct transport_job *j)
{
	return (size_t)j->transport->kind < KINDS ? drivers[j->transport->kind] : NULL;
}

uint64_t
transport_wire(const struct transport_job *j)
{
	const struct transport_driver *driver = driver_of(j);

	return driver != NULL && driver->wire != NULL ? driver->wire(j) : 0;
}

bool
transport_repeats(const struct transport *t)
{
	const struct transport_job j = { .transport = t };

	return driver_of(&j) != NULL && driver_of(&j)->repeats;
}

bool
transport_settles(const struct transport *t)
{
	const struct transport_job j = { .transport = t };

	return driver_of(&j) != NULL && driver_of(&j)->settle != NULL;
}

void
transport_submit(struct transport_job *j, struct arena *a)
{
	const struct transport_driver *driver = driver_of(j);

	j->id[0] = j->why[0] = '\0';
	if (j->mms != NULL && j->mms->air == UINT64_MAX) {
		j->rc = TRANSPORT_TOO_BIG;
		(void)snprintf(j->why, sizeof j->why,
		    "values make it larger than any message may be");
		return;
	}
	if (driver != NULL) {
		driver->submit(j, a);
		return;
	}
	j->rc = TRANSPORT_REFUSED;
	(void)snprintf(j->why, sizeof j->why, "transport %s is of a kind that is not built in",
	    j->transport->name);
}

/* Settles the jobs of one kind, which are of one instance, SETTLE_AT_ONCE at a time. */
static void
settle_kind(const struct transport_driver *driver, struct transport_job *const *j, size_t n)
{
	struct transport_job *same_kind[SETTLE_AT_ONCE];
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		if (j[i]->rc == TRANSPORT_TAKEN && driver_of(j[i]) == driver)
			same_kind[k++] = j[i];
		if (k == SETTLE_AT_ONCE || (k > 0 && i + 1 == n)) {
			driver->settle(same_kind, k);
			k = 0;
		}
	}
}

void
transport_settle(struct transport_job *const *j, size_t n)
{
	for (size_t i = 0; i < KINDS; i++)
		if (drivers[i] != NULL && drivers[i]->settle != NULL)
			settle_kind(drivers[i], j, n);
}
