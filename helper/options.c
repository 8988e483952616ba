/* options: see options.h */
#include "helper/options.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>

#include "base/num.h"

static int
usage(FILE *f, int rc)
{
	(void)fputs(
	    "usage: savemms-helper [-C FILE] [--stay | --drain]\n"
	    "Encodes audio and video, delivers messages and sends postbacks.\n"
	    "  -C FILE   the instance's savemms.conf, or its folder (default: $SAVEMMS_CONF)\n"
	    "  --stay    run for ever (default: end when nothing is left to do)\n"
	    "  --drain   do what is due now, then end\n"
	    "  --help, --version\n"
	    "See savemms-helper(8).\n",
	    f);
	return rc;
}

int
options_read(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "stay", no_argument, NULL, 's' },
		{ "drain", no_argument, NULL, 'd' },
		{ "lock-fd", required_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	uint64_t n;
	int c;

	while ((c = getopt_long(argc, argv, "C:", longs, NULL)) != -1) {
		switch (c) {
		case 'C':
			o->conf = optarg;
			break;
		case 's':
			o->stay = true;
			break;
		case 'd':
			o->drain = true;
			break;
		case 'l':
			if (!num_u64(optarg, 3, 1024, &n))
				return usage(stderr, 2);
			o->lock = (int)n;
			(void)fcntl(o->lock, F_SETFD, FD_CLOEXEC);
			break;
		case 'h':
			return usage(stdout, 0);
		case 'v':
			return printf("savemms-helper %s\n", PACKAGE_VERSION) < 0;
		default:
			return usage(stderr, 2);
		}
	}
	return optind < argc || (o->stay && o->drain) ? usage(stderr, 2) : -1;
}
