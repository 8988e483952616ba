/*
 * seeds: gives every file of a fuzzer's folder of seeds to the fuzzer's entry
 * point, so that what was once found is looked for by every make check.
 *
 * usage: seed_NAME [FOLDER]; the folder is SEEDS/NAME when none is named. Exit
 * status 1 when there is no seed or one cannot be read; a finding is an abort.
 * Each input lies in memory of its very size, where valgrind and
 * AddressSanitizer see a read beyond it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

enum { SEED_MAX = 4 << 20, PATH_TEXT = 4096 };

static int
run_file(const char *path)
{
	struct stat st;
	uint8_t *p;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > SEED_MAX) {
		(void)fprintf(stderr, "%s: not a seed\n", path);
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	p = malloc((size_t)st.st_size + (st.st_size == 0));
	if (p != NULL)
		n = read(fd, p, (size_t)st.st_size);
	(void)close(fd);
	if (n == st.st_size)
		(void)LLVMFuzzerTestOneInput(p, (size_t)n);
	else
		(void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
	free(p);
	return n == st.st_size ? 0 : -1;
}

/* The number of seeds that were run; -1 on failure. */
static int
run_folder(const char *folder)
{
	char path[PATH_TEXT];
	const struct dirent *e;
	DIR *d = opendir(folder);
	int n = 0;

	if (d == NULL) {
		(void)fprintf(stderr, "%s: %s\n", folder, strerror(errno));
		return -1;
	}
	while (n >= 0 && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		n = run_file(path) == 0 ? n + 1 : -1;
	}
	(void)closedir(d);
	return n;
}

int
main(int argc, char **argv)
{
	char folder[PATH_TEXT];
	const char *name = strrchr(argv[0], '/');
	int n;

	name = name != NULL ? name + 1 : argv[0];
	if (strncmp(name, "seed_", 5) == 0)
		name += 5;
	(void)snprintf(folder, sizeof folder, "%s", argc > 1 ? argv[1] : "");
	if (argc <= 1)
		(void)snprintf(folder, sizeof folder, "%s/%s", SEEDS, name);
	n = run_folder(folder);
	if (n > 0)
		(void)printf("%s: %d seeds, nothing broken\n", name, n);
	return n > 0 ? 0 : 1;
}
