/*
 * log: one line an event: time, program[pid], level, request id, message.
 *
 * Lines go to the file given to log_open(), else to stderr. A line is written
 * with one write(2) to a descriptor in append mode, so lines of many threads
 * and processes never mix. Control characters are written as \xNN and a line is
 * cut at 2,000 bytes, so nothing from outside can forge or flood a line.
 * Never give it a key, a password or a secret.
 */
#ifndef SM_LOG_H
#define SM_LOG_H

/* Names the program and, where path is not NULL, the file to append to. When
 * the file cannot be opened it says so on stderr and keeps to stderr: 0 or -1. */
int log_open(const char *program, const char *path);

/* The id that this thread's lines carry until the next call; "" for none. At
 * most 15 characters are kept. */
void log_request(const char *id);

void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
