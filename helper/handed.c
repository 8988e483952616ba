/*
 * handed: see handed.h. A note has one of the PLACES places that its message's id gives it. Its id
 * is written last, so that a note whose writer dies is none; its place stays busy until the next
 * boot.
 */
#include "helper/handed.h"

#include <sys/file.h>
#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mapfile.h"

/* OLD_US: a day. After the death of a helper its leases run out in an hour at most (lease-seconds);
 * a note that is so much older was left by a message that nobody sends any more. */
enum { LAYOUT = 2, LOCK_US = 10 * 1000000, PLACES = 8 };
#define OLD_US INT64_C(86400000000)
#define BUSY UINT64_MAX

struct handed {
	uint64_t layout; /* LAYOUT and the file's size; 0: a new file */
	char boot[CLOCK_BOOT];
	struct note {
		_Atomic uint64_t message; /* 0: no note; BUSY: one is being written */
		_Atomic int64_t when;     /* clock_mono(), which all processes of a boot share */
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

static size_t
place_of(uint64_t id, size_t k)
{
	return (id + k * (HANDED_NOTES / PLACES)) % HANDED_NOTES;
}

/* Returns the place of the message's note, or -1. */
static ssize_t
find(const struct handed *h, uint64_t id)
{
	for (size_t k = 0; k < PLACES; k++)
		if (atomic_load(&h->note[place_of(id, k)].message) == id)
			return (ssize_t)place_of(id, k);
	return -1;
}

/* Takes a place for a note of the message: one that is free, that of an older note of it, or one
 * that is old. Returns NULL if there is none. The caller sets its id. */
static struct note *
take_place(struct handed *h, uint64_t id)
{
	const int64_t now = clock_mono();

	for (size_t k = 0; k < PLACES; k++) {
		struct note *n = &h->note[place_of(id, k)];
		uint64_t was = atomic_load(&n->message);
		bool ours = was == 0 || was == id || (was != BUSY && now - n->when > OLD_US);

		if (ours && atomic_compare_exchange_strong(&n->message, &was, BUSY)) {
			n->when = now;
			return n;
		}
	}
	return NULL;
}

void
handed_note(struct handed *h, const struct delivery *d)
{
	struct note *n = h != NULL ? take_place(h, d->m->id) : NULL;

	if (n == NULL)
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

void
handed_forget(struct handed *h, uint64_t id)
{
	ssize_t at = h != NULL ? find(h, id) : -1;

	if (at >= 0)
		(void)atomic_compare_exchange_strong(&h->note[at].message, &id, 0);
}

bool
handed_before(const struct handed *h, struct delivery *d)
{
	static const struct composed gone; /* what was sent is not composed again */
	ssize_t at = h != NULL ? find(h, d->m->id) : -1;
	struct note n;

	if (at < 0)
		return false;
	n = h->note[at];
	if (n.message != d->m->id || memcmp(n.tracking, d->m->tracking, sizeof n.tracking) != 0)
		return false;
	d->handover = (struct transport_job){ .settings = d->h->settings,
		.transport = routing_transport_by_name(&d->h->settings->routing, n.transport),
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
