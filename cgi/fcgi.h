/*
 * fcgi: receives requests from the web server.
 */
#ifndef SM_FCGI_H
#define SM_FCGI_H

struct app;

/* Serves FastCGI on descriptor 0 until a signal stops it, or serves the one request of a plain
 * CGI. It starts the app itself, with the settings file that the environment or the first
 * request names. Returns the exit status of the process. */
int fcgi_main(struct app *app);

#endif
