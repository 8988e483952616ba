/* http_client_keep: see http_client_keep.h. With TLS, a new connection to an MMSC costs a
 * message up to four round trips; one that is kept costs it one. */
#include "net/http_client_keep.h"

#include <pthread.h>
#include <stdbool.h>

#include <curl/curl.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool have_key;

static void
end(void *handle)
{
	curl_easy_cleanup(handle);
}

static void
make_key(void)
{
	have_key = pthread_key_create(&key, end) == 0;
}

void *
http_client_keep(void)
{
	CURL *handle;

	if (pthread_once(&once, make_key) != 0 || !have_key)
		return NULL;
	if ((handle = pthread_getspecific(key)) != NULL) {
		curl_easy_reset(handle); /* connections, names and TLS sessions stay */
		return handle;
	}
	handle = curl_easy_init();
	if (handle != NULL && pthread_setspecific(key, handle) != 0) {
		curl_easy_cleanup(handle);
		handle = NULL;
	}
	return handle;
}
