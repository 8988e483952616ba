/*
 * delete_mmsid: removes templates, for deleteMMSID and for the console.
 */
#ifndef SM_DELETE_MMSID_H
#define SM_DELETE_MMSID_H

#include "cgi/app.h"

/* Removes a template of the account, its jobs, and the media that nothing refers to any more;
 * wakes a helper if a message of sendMMS waited for the template.
 * Returns ST_IO, after logging the reason, when the media folder cannot be locked, else what the
 * store returned. */
enum store_rc remove_template(struct app *app, uint64_t account, uint64_t id, struct arena *a)
    __attribute__((warn_unused_result));

#endif
