/*
 * plain_cgi: one request by plain CGI (RFC 3875): its parameters are the environment, its body is
 * standard input, its answer standard output.
 */
#ifndef SM_PLAIN_CGI_H
#define SM_PLAIN_CGI_H

struct app;

/* Starts the app and serves the one request; refuses it with 503 when the app cannot start. The
 * process's exit status. */
int plain_cgi_main(struct app *app);

#endif
