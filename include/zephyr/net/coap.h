/* SPDX-License-Identifier: Apache-2.0 */
/* Host stand-in: the CoAP structs that struct lwm2m_ctx and struct lwm2m_message contain, in
 * Zephyr's shape. The library keeps its own; these members stay as they are.
 */

#ifndef LWM2M_HOST_NET_COAP_H
#define LWM2M_HOST_NET_COAP_H

#include <stddef.h>
#include <stdint.h>

#include <zephyr/net/net_ip.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Message types, RFC 7252 section 3. */
enum coap_msgtype {
	COAP_TYPE_CON = 0,
	COAP_TYPE_NON_CON = 1,
	COAP_TYPE_ACK = 2,
	COAP_TYPE_RESET = 3,
};

/* Methods, RFC 7252 section 12.1.1 and RFC 8132. */
enum coap_method {
	COAP_METHOD_GET = 1,
	COAP_METHOD_POST = 2,
	COAP_METHOD_PUT = 3,
	COAP_METHOD_DELETE = 4,
	COAP_METHOD_FETCH = 5,
	COAP_METHOD_PATCH = 6,
	COAP_METHOD_IPATCH = 7,
};

/* Block sizes as SZX counts them, RFC 7959 section 2.2. */
enum coap_block_size {
	COAP_BLOCK_16,
	COAP_BLOCK_32,
	COAP_BLOCK_64,
	COAP_BLOCK_128,
	COAP_BLOCK_256,
	COAP_BLOCK_512,
	COAP_BLOCK_1024,
};

struct coap_packet {
	uint8_t *data;
	uint16_t offset;
	uint16_t max_len;
	uint8_t hdr_len;
	uint16_t opt_len;
	uint16_t delta;
#if defined(CONFIG_COAP_KEEP_USER_DATA)
	void *user_data;
#endif
};

struct coap_transmission_parameters {
	uint32_t ack_timeout;
#if defined(CONFIG_COAP_RANDOMIZE_ACK_TIMEOUT)
	uint16_t ack_random_percent;
#endif
	uint16_t coap_backoff_percent;
	uint8_t max_retransmission;
};

struct coap_pending {
	struct sockaddr_storage addr;
	int64_t t0;
	uint32_t timeout;
	uint16_t id;
	uint8_t *data;
	uint16_t len;
	uint8_t retries;
	struct coap_transmission_parameters params;
};

struct coap_reply;

typedef int (*coap_reply_t)(const struct coap_packet *response, struct coap_reply *reply,
			    const struct sockaddr *from);

struct coap_reply {
	coap_reply_t reply;
	void *user_data;
	int age;
	uint16_t id;
	uint8_t token[8];
	uint8_t tkl;
};

struct coap_block_context {
	size_t total_size;
	size_t current;
	enum coap_block_size block_size;
};

#ifdef __cplusplus
}
#endif

#endif /* LWM2M_HOST_NET_COAP_H */
