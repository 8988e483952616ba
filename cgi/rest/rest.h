/*
 * rest: one request for a resource below /api/v2 (savemms-api-rest(7)).
 */
#ifndef SM_REST_H
#define SM_REST_H

#include "cgi/app.h"
#include "request/pairs.h"

enum { REST_PARTS = 3 };

/* The part with the JSON, in a body of several. */
#define REST_JSON "template"

/* The call that a resource stands for. Its answer is JSON and its request in dialect C. */
struct rest {
	struct call call;
	int64_t began;                /* clock_mono() */
	const char *part[REST_PARTS]; /* what the path has for each star */
	struct pairs query;           /* of the URL, decoded */
	struct pairs parts;           /* of a body that has several: the JSON and media */
	struct arena *brought;        /* their memory, until body_end(); NULL: none */
	struct upload *upload;        /* of the call, while their files are open */
	int *file;                    /* of each part, then of data: URLs; -1: not written */
	size_t nfile;
	int status;         /* of a failure; 0: what its code has (problem.h) */
	const char *allow;  /* for 405: the methods of the resource */
	const char **wrong; /* pointers to members that the resource does not have */
	size_t nwrong;
};

/* Answers a request and returns true, or sets the failure of the call and returns false. The
 * caller is known. */
typedef bool rest_fn(struct rest *r);

#define RESOURCE(method, path, needs, parameters, fn) rest_fn fn;
#include "cgi/rest/resources.def"
#undef RESOURCE

/* Sets the failure of the call, with a status of its own (0: that of the code) and a detail (NULL:
 * none). Always returns false, for the caller to return. */
bool rest_fail(struct rest *r, enum api_error code, int status, const char *detail);

/* Refuses members of the body, and of what stands in it, that are not among names, which NULL
 * ends. Returns false with the failure set. */
bool rest_members(struct rest *r, const char *const *names) __attribute__((warn_unused_result));

/* Returns the value of a parameter of the URL, or NULL. */
const char *rest_parameter(const struct rest *r, const char *name);

/* Reads a parameter that is true or false; absent: false. Returns false with the failure set. */
bool rest_flag(struct rest *r, const char *name, bool *value) __attribute__((warn_unused_result));

/* Makes the body of the answer conditional: it gets an entity tag of what it is. */
void rest_tag(struct answer *a);

/* Adds a Location header: the base of this server and the path. */
void rest_location(struct rest *r, const char *path, const char *id);

#endif
