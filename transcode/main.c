/*
 * savemms-transcode: makes the renditions of media in caged children.
 *
 * savemms.fcgi, savemms-helper and savemms start it with a SOCK_SEQPACKET socket as descriptor 3
 * (transcode.h describes the protocol). It has no database, no network and no secret. It ends when
 * the socket closes.
 */
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/num.h"
#include "base/where.h"
#include "transcode/cage/cage.h"
#include "transcode/image/image.h"
#include "transcode/personal/render_fonts.h"
#include "transcode/serve.h"
#include "transcode/try.h"

enum {
	CONTROL = 3,
	JOBS_MAX = 64,
	OPT_REPORT = 256,
	OPT_VERSION,
	OPT_HELP,
	OPT_JOBS,
	OPT_TRY,
	OPT_FONTS
};

static const struct option options[] = {
	{ "cage-report", no_argument, NULL, OPT_REPORT },
	{ "fonts", no_argument, NULL, OPT_FONTS },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "jobs", required_argument, NULL, OPT_JOBS },
	{ "try", no_argument, NULL, OPT_TRY },
	{ NULL, 0, NULL, 0 },
};

static int
usage(FILE *to, int status)
{
	(void)fputs(
	    "usage: savemms-transcode --jobs N      (descriptor 3 is the control socket)\n"
	    "       savemms-transcode --try FILE --class NAME:BYTES:BOX:AUDIO[:SOUND[:PROFILE]] ... --out DIR\n"
	    "           [--format NAME] [--max-pixels N] [--max-frames N] [--wall MS]\n"
	    "       savemms-transcode --cage-report | --fonts | --version | --help\n",
	    to);
	return status;
}

static int
cage_report(void)
{
	int abi, has = cage_probe(&abi);

	(void)printf("user: %s\n",
	    has & CAGE_HAS_USER ? "active (root becomes nobody)" : "not needed (not root)");
	(void)printf("limits: %s\n", has & CAGE_HAS_LIMITS ? "active" : "missing");
	if (has & CAGE_HAS_LANDLOCK)
		(void)printf("landlock: active (version %d)\n", abi);
	else
		(void)printf("landlock: missing\n");
	(void)printf("seccomp: %s\n", has & CAGE_HAS_SECCOMP ? "active" : "missing");
	return (has & CAGE_HAS_LANDLOCK) && (has & CAGE_HAS_SECCOMP) ? 0 : 1;
}

/* Runs the service. Returns the exit status. */
static int
run(const char *program, unsigned jobs)
{
	int type;
	socklen_t len = sizeof type;

	if (getsockopt(CONTROL, SOL_SOCKET, SO_TYPE, &type, &len) != 0 || type != SOCK_SEQPACKET) {
		(void)fprintf(stderr,
		    "savemms-transcode: descriptor %d is not a control socket; "
		    "it is started by the other programs\n",
		    CONTROL);
		return usage(stderr, 2);
	}
	/* each thread's arena reserves 64 MB of the limited address space */
	(void)mallopt(M_ARENA_MAX, 2);
	return image_setup(program) ? serve(CONTROL, jobs) : 1;
}

int
main(int argc, char **argv)
{
	uint64_t jobs = 1;
	int c;

	(void)prctl(PR_SET_NAME,
	    "savemms-transcode"); /* it may have been started by a descriptor */
	(void)log_open("savemms-transcode", NULL);
	if (!where_set_environment())
		return 1;
	while ((c = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (c) {
		case OPT_REPORT:
			return cage_report();
		case OPT_FONTS:
			return render_fonts(STDOUT_FILENO);
		case OPT_VERSION:
			(void)printf("savemms-transcode %s\n", PACKAGE_VERSION);
			return 0;
		case OPT_HELP:
			return usage(stdout, 0);
		case OPT_TRY:
			c = try_main(argc - optind, argv + optind);
			return c >= 0 ? c : usage(stderr, 2);
		case OPT_JOBS:
			if (num_u64(optarg, 1, JOBS_MAX, &jobs))
				break;
			return usage(stderr, 2);
		default:
			return usage(stderr, 2);
		}
	}
	if (optind != argc)
		return usage(stderr, 2);
	return run(argv[0], (unsigned)jobs);
}
