/*
 * http_client_coding: what is done about the Content-Encoding of an answer. Pure.
 *
 * libcurl undoes the encodings that it knows, and fails for a list with any other. Servers name
 * others, such as aws-chunked, binary or UTF-8, and mean by it that nothing is encoded.
 */
#ifndef SM_HTTP_CLIENT_CODING_H
#define SM_HTTP_CLIENT_CODING_H

/* The members of the lists that an answer has: all zero before the first. */
struct http_client_codings {
	unsigned zipped;  /* gzip, x-gzip and deflate */
	unsigned other;   /* others that libcurl undoes, too */
	unsigned lost;    /* others that are registered, which nothing here undoes */
	unsigned unknown; /* all but those and identity, which counts for nothing */
};

enum http_client_coding {
	CODING_LIBCURL, /* libcurl undoes it */
	CODING_PLAIN,   /* nothing is encoded, whatever the list says */
	CODING_ZIPPED,  /* beside unknown ones it is gzip or deflate once, which gunzip.h undoes */
	/* nothing here undoes it: a registered one that libcurl does not know, or beside unknown
	 * ones something else than gzip or deflate once */
	CODING_LOST,
};

/* Adds the members of one header's list. */
void http_client_coding_add(struct http_client_codings *c, const char *list);

enum http_client_coding http_client_coding(const struct http_client_codings *c);

#endif
