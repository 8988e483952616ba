/*
 * empty_fcgi: the least that a FastCGI program can do. It reads the request to its end
 * and answers 100 bytes, so it shows the cost of the web server and the protocol.
 * Usage: empty_fcgi [THREADS]. Ends with status 1 when FastCGI or a thread cannot be
 * started.
 */
#include <fcgiapp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS_MAX = 256, ANSWER = 100 };

static void
answer(FCGX_Request *r)
{
	char block[4096], body[ANSWER + 1];

	while (FCGX_GetStr(block, sizeof block, r->in) > 0)
		continue;
	for (int i = 0; i < ANSWER; i++)
		body[i] = 'x';
	body[ANSWER] = '\0';
	(void)FCGX_FPrintF(r->out, "Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s",
	    (int)ANSWER, body);
}

static void *
serve(void *unused)
{
	FCGX_Request r;

	(void)unused;
	if (FCGX_InitRequest(&r, 0, 0) != 0)
		return NULL;
	while (FCGX_Accept_r(&r) == 0) {
		answer(&r);
		FCGX_Finish_r(&r);
	}
	return NULL;
}

int
main(int argc, char **argv)
{
	long n = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
	pthread_t thread;

	if (n < 1 || n > THREADS_MAX || FCGX_Init() != 0) {
		(void)fprintf(stderr, "empty_fcgi: FastCGI cannot be started with %ld threads\n",
		    n);
		return 1;
	}
	for (long i = 1; i < n; i++)
		if (pthread_create(&thread, NULL, serve, NULL) != 0) {
			(void)fprintf(stderr, "empty_fcgi: thread %ld cannot be started\n", i);
			return 1;
		}
	(void)serve(NULL);
	return 0;
}
