/* SPDX-License-Identifier: Apache-2.0 */
/* Makes certificates for tests and demonstrations: what src/ffi.rs declares. */
#ifndef LWM2M_DTLS_ISSUE_H_
#define LWM2M_DTLS_ISSUE_H_

#include "association.h"

struct lwm2m_dtls_order {
	/* Such as CN=server. */
	const char *subject;
	/* NULL: it signs itself. */
	const char *issuer;
	struct lwm2m_dtls_bytes issuer_key;
	/* A DNS name that it proves besides; NULL: none. */
	const char *name;
	bool authority;
	/* YYYYMMDDhhmmss */
	const char *from;
	const char *until;
	unsigned char serial[8];
	int (*random)(void *unused, unsigned char *bytes, size_t length);
};

/* Writes certificate and key (SEC 1), DER, to the ends of the buffers; their lengths. */
int lwm2m_dtls_issue(const struct lwm2m_dtls_order *order, unsigned char *certificate,
		     size_t certificate_room, unsigned char *key, size_t key_room,
		     size_t *certificate_length, size_t *key_length);

#endif
