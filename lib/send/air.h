/*
 * air: what a composed MMS weighs as the binary message that goes to and from handsets: an
 * M-Retrieve.conf or M-Send.req (OMA-TS-MMS_ENC-V1_3, 6.1 and 6.3), its parts in the multipart
 * of WSP (WAP-230-WSP-20010705-a, 8.5). That is what carriers and handsets limit: Android
 * compares its carriers' maxMessageSize with this PDU. Pure.
 */
#ifndef SM_AIR_H
#define SM_AIR_H

#include <stdint.h>

#include "send/compose.h"

/* The bytes, never too few: where an encoder may choose, the longest way counts. An MMSC that
 * turns texts from UTF-8 into another charset is not reckoned with. */
uint64_t air_weight(const struct composed *c, const struct message *m);

#endif
