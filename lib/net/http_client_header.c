/* http_client_header: see http_client_header.h */
#include "net/http_client_header.h"

#include <stddef.h>

#include <curl/curl.h>

struct curl_slist *
http_client_header(const char *const *header)
{
	struct curl_slist *list = curl_slist_append(NULL, "Accept-Encoding:"), *longer = list;

	for (; longer != NULL && header != NULL && *header != NULL; header++)
		if ((longer = curl_slist_append(list, *header)) == NULL) {
			curl_slist_free_all(list);
			list = NULL;
		}
	return list;
}
