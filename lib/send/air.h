/*
 * air: the size of a composed MMS as the binary message that goes to and from handsets: an
 * M-Retrieve.conf or M-Send.req (OMA-TS-MMS_ENC-V1_3, 6.1 and 6.3) with its parts in the
 * multipart of WSP (WAP-230-WSP-20010705-a, 8.5). Carriers and handsets limit this size: Android
 * compares its carriers' maxMessageSize with this PDU. Pure.
 */
#ifndef SM_AIR_H
#define SM_AIR_H

#include <stdint.h>

#include "send/compose.h"

/* Returns the size in bytes, never too low: where an encoder has a choice, the longest form
 * counts. The result does not allow for an MMSC that converts texts from UTF-8 to another
 * charset. */
uint64_t air_weight(const struct composed *c, const struct message *m);

#endif
