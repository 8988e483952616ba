/* temp_file: a nameless file with these bytes, for the unit tests that hand files over. */
#ifndef SM_TEMP_FILE_H
#define SM_TEMP_FILE_H

#include "unit.h"

#include <unistd.h>

#include "base/file.h"

/* Returns it open, at its end; the caller closes it. */
static inline int
temp_file(const void *p, size_t n)
{
	int fd = file_temp("/tmp");

	assert_true(fd >= 0);
	assert_int_equal(file_write(fd, p, n), 0);
	return fd;
}

#endif
