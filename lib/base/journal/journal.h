/*
 * journal: sends log lines to systemd's journal with their parts as fields. Only log.c of lib/base
 * uses it.
 */
#ifndef SM_JOURNAL_H
#define SM_JOURNAL_H

#include <stdbool.h>

/* Returns whether stderr is a stream of the journal (systemd.exec(5), JOURNAL_STREAM) whose socket
 * can be used, and this was built with libsystemd. The first call finds out. */
bool journal_there(void);

/* Sends a line: level is "info", "warning" or "error"; request "" means no such field. Returns
 * false if the journal did not take it. */
bool journal_send(const char *program, const char *level, const char *request, const char *msg)
    __attribute__((warn_unused_result));

#endif
