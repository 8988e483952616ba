/*
 * options: the words behind savemms-helper.
 */
#ifndef SM_OPTIONS_H
#define SM_OPTIONS_H

#include <stdbool.h>

struct options {
	const char *conf;
	bool stay, drain;
	int lock;     /* descriptor of the locked run/helper.lock; -1: none was handed over */
	bool upgrade; /* at the end, become the program that was installed meanwhile */
};

/* Reads the words into *o; o->lock is -1 before. Returns -1 to go on, else the exit status: help or
 * the version was printed, or the words are wrong (said on stderr). */
int options_read(int argc, char **argv, struct options *o) __attribute__((warn_unused_result));

#endif
