/*
 * plain_cgi: serves one request by plain CGI (RFC 3875). Its parameters are the environment,
 * its body is standard input, its answer standard output.
 */
#ifndef SM_PLAIN_CGI_H
#define SM_PLAIN_CGI_H

struct app;

/* Starts the app and serves the one request, or refuses it with 503 when the app cannot start.
 * Returns the exit status of the process. */
int plain_cgi_main(struct app *app);

#endif
