/*
 * handed: what transports took from the helpers of an instance, noted before the store has it.
 *
 * A helper may die after it has handed a message over and before that is recorded. The next try
 * finds the note, and records the message as sent instead of handing it over again or, if its
 * template was deleted meanwhile, calling it failed. The notes are a file that all helpers have
 * mapped, DIR/run/helper.handed. They outlive every process, but not the machine.
 */
#ifndef SM_HANDED_H
#define SM_HANDED_H

#include "helper/deliver.h"

struct handed;

/* Opens or makes the file; forgets the notes of an earlier boot. Returns NULL on failure (logged):
 * then nothing is noted. */
struct handed *handed_open(const char *path);
void handed_close(struct handed **h);

/* Notes that d->handover was taken. The note stays until handed_forget() or a boot; after a day
 * another may take its place. Where there is no place for it, nothing is noted. */
enum { HANDED_NOTES = 4096 };
void handed_note(struct handed *h, const struct delivery *d);

/* Takes back the note of a message, if there is one: the store has recorded what became of it. */
void handed_forget(struct handed *h, uint64_t id);

/* Looks for a note of the message. If there is one, fills in *d as deliver_out() left it, sets
 * d->noted and returns true. */
bool handed_before(const struct handed *h, struct delivery *d);

#endif
