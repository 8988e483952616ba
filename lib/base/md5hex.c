/* md5hex: see md5hex.h (libmd) */
#include "base/md5hex.h"

#include <sys/types.h>

#include <md5.h>

void
md5_hex(const void *p, size_t n, char out[MD5_HEX])
{
	(void)MD5Data(p, n, out);
}
