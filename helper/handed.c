/*
 * handed: see handed.h. A note has the place that its message's id gives it. Its id is written
 * last, so that a note whose writer dies is none; its place stays busy until the next boot.
 */
#include "helper/handed.h"

#include <sys/file.h>
#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mapfile.h"

enum { LAYOUT = 1, LOCK_US = 10 * 1000000 };
#define BUSY UINT64_MAX

struct handed {
	uint64_t layout; /* LAYOUT and the file's size; 0: a new file */
	char boot[CLOCK_BOOT];
	struct note {
		_Atomic uint64_t message; /* 0: no note; BUSY: one is being written */
		uint32_t leg, fell_back;
		char tracking[TRACKING]; /* an id may be given again, this never is */
		char transport[ROUTE_NAME], class[CLASS_NAME], carrier[ROUTE_NAME];
		char id[TRANSPORT_ID], why[TRANSPORT_WHY];
	} note[HANDED_NOTES];
};

static const uint64_t layout = (uint64_t)LAYOUT << 32 | sizeof(struct handed);

/* Maps the file and empties it if it is not of this boot and layout, which the lock lets one do.
 * mapfile() takes the same lock and gives it back, so it comes first. */
static struct handed *
map(int fd)
{
	struct handed *h;
	char boot[CLOCK_BOOT];

	if (!clock_boot(boot) || (h = mapfile(fd, 0, sizeof *h)) == NULL)
		return NULL;
	if (file_lock_wait(fd, LOCK_EX, clock_mono() + LOCK_US, NULL, NULL) != 0) {
		handed_close(&h);
		return NULL;
	}
	if (h->layout != layout || strncmp(h->boot, boot, sizeof boot) != 0) {
		memset(h, 0, sizeof *h);
		memcpy(h->boot, boot, sizeof boot);
		h->layout = layout;
	}
	(void)flock(fd, LOCK_UN); /* to close fd is not enough: the memory keeps its file open */
	return h;
}

struct handed *
handed_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct handed *h = fd >= 0 ? map(fd) : NULL;

	if (h == NULL)
		log_warn("%s: %m; what is handed over is not noted", path);
	file_close(&fd);
	return h;
}

void
handed_close(struct handed **h)
{
	if (*h != NULL)
		(void)munmap(*h, sizeof **h);
	*h = NULL;
}

void
handed_note(struct handed *h, const struct delivery *d)
{
	struct note *n = h != NULL ? &h->note[d->m->id % HANDED_NOTES] : NULL;
	uint64_t was = n != NULL ? atomic_load(&n->message) : BUSY;

	if (was == BUSY || !atomic_compare_exchange_strong(&n->message, &was, BUSY))
		return;
	n->leg = d->handover.mms != NULL ? LEG_MMS : LEG_SMS;
	n->fell_back = d->fell_back;
	memcpy(n->tracking, d->m->tracking, sizeof n->tracking);
	memcpy(n->transport, d->handover.transport->name, sizeof n->transport);
	memcpy(n->class, d->m->class, sizeof n->class);
	memcpy(n->carrier, d->m->carrier, sizeof n->carrier);
	memcpy(n->id, d->handover.id, sizeof n->id);
	memcpy(n->why, d->why, sizeof n->why);
	atomic_store(&n->message, d->m->id);
}

/* Returns the transport of that name, or NULL if the settings have none any more. */
static const struct transport *
transport_of(const struct settings *s, const char *name)
{
	for (unsigned i = 0; i < s->routing.ntransport; i++)
		if (strcmp(s->routing.transport[i].name, name) == 0)
			return &s->routing.transport[i];
	return NULL;
}

bool
handed_before(const struct handed *h, struct delivery *d)
{
	static const struct composed gone; /* what was sent is not composed again */
	struct note n;

	if (h == NULL || atomic_load(&h->note[d->m->id % HANDED_NOTES].message) != d->m->id)
		return false;
	n = h->note[d->m->id % HANDED_NOTES];
	if (n.message != d->m->id || memcmp(n.tracking, d->m->tracking, sizeof n.tracking) != 0)
		return false;
	d->handover = (struct transport_job){ .settings = &d->h->settings,
		.transport = transport_of(&d->h->settings, n.transport),
		.m = d->m,
		.mms = n.leg == LEG_MMS ? &gone : NULL,
		.sms = "",
		.report_url = "",
		.rc = TRANSPORT_TAKEN };
	if (d->handover.transport == NULL)
		return false;
	memcpy(d->handover.id, n.id, sizeof n.id);
	memcpy(d->m->class, n.class, sizeof n.class);
	memcpy(d->m->carrier, n.carrier, sizeof n.carrier);
	d->fell_back = n.fell_back != 0;
	memcpy(d->why, n.why, sizeof n.why);
	return d->noted = true;
}
