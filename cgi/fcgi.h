/*
 * fcgi: where requests come from.
 */
#ifndef SM_FCGI_H
#define SM_FCGI_H

struct app;

/* Serves FastCGI on descriptor 0 until told to stop, or the one request of a plain
 * CGI. Starts the app itself: by the environment, or by what the first request
 * says. The process's exit status. */
int fcgi_main(struct app *app);

#endif
