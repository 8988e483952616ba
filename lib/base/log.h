/*
 * log: one line for each event, as text (time, program[pid], level, request id, message) or as a
 * JSON object with these members.
 *
 * Lines go to the file given to log_open(), or else to stderr; if that is systemd's journal, with
 * their parts as fields (journal/journal.h). One write(2) to
 * a descriptor in append mode writes a line, so lines of many threads and
 * processes never mix. In text, control characters are written as \xNN. A line is cut
 * at 2,000 bytes, so no value from outside can forge or flood a line. Never log
 * a key, a password or a secret.
 */
#ifndef SM_LOG_H
#define SM_LOG_H

#include <stdbool.h>

enum { LOG_ID = 65 }; /* bytes of a request id, with its NUL */

/* Sets the program's name and the file to append to; path NULL: stderr. It may be called again
 * while threads log, with the same name. Returns 0. When the file cannot be opened, it says so on
 * stderr, goes on logging there and returns -1. */
int log_open(const char *program, const char *path);

/* Makes the lines from now on JSON objects (RFC 8259), or text, as they are at first. */
void log_as_json(bool on);

/* Sets the request id of this thread's lines until the next call; "" means none. It keeps at
 * most LOG_ID - 1 characters. A helper sets what names the job that it works on. */
void log_request(const char *id);

void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
