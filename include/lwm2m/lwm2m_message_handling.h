/* SPDX-License-Identifier: Apache-2.0 */
/* Content formats, and the parts of a response code. */

#ifndef LWM2M_MESSAGE_HANDLING_H
#define LWM2M_MESSAGE_HANDLING_H

#include "lwm2m_object.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LWM2M_FORMAT_PLAIN_TEXT 0
#define LWM2M_FORMAT_APP_LINK_FORMAT 40
#define LWM2M_FORMAT_APP_OCTET_STREAM 42
#define LWM2M_FORMAT_APP_EXI 47
#define LWM2M_FORMAT_APP_JSON 50
#define LWM2M_FORMAT_APP_CBOR 60
#define LWM2M_FORMAT_APP_SEML_JSON 110
#define LWM2M_FORMAT_APP_SENML_CBOR 112
#define LWM2M_FORMAT_OMA_PLAIN_TEXT 1541
#define LWM2M_FORMAT_OMA_OLD_TLV 1542
#define LWM2M_FORMAT_OMA_OLD_JSON 1543
#define LWM2M_FORMAT_OMA_OLD_OPAQUE 1544
#define LWM2M_FORMAT_OMA_TLV 11542
#define LWM2M_FORMAT_OMA_JSON 11543
#define LWM2M_FORMAT_NONE 65535
#define COAP_REPLY_STATUS_NONE 0
#define COAP_REPLY_STATUS_ERROR 1

#define COAP_RESPONSE_CODE_CLASS(x) ((x) >> 5)
#define COAP_RESPONSE_CODE_DETAIL(x) ((x) & 0x1F)

/* How many uploads and answers in blocks there can be at a time. */
#define NUM_BLOCK1_CONTEXT CONFIG_LWM2M_NUM_BLOCK1_CONTEXT
#define NUM_OUTPUT_BLOCK_CONTEXT CONFIG_LWM2M_NUM_OUTPUT_BLOCK_CONTEXT

/* Begins the answer in msg->cpkt with the type, code, message id and token of `msg`. Inside a gateway
 * callback, for the message it was given: 0; else -EINVAL.
 */
int lwm2m_init_message(struct lwm2m_message *msg);

/* Whether a message goes out in blocks. */
static inline bool lwm2m_outgoing_is_part_of_blockwise(struct lwm2m_message *msg)
{
	return msg->block_send;
}

#ifdef __cplusplus
}
#endif

#endif /* LWM2M_MESSAGE_HANDLING_H */
