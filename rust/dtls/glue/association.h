/* SPDX-License-Identifier: Apache-2.0 */
/* One DTLS association over Mbed TLS, behind plain types: what src/ffi.rs declares. */
#ifndef LWM2M_DTLS_ASSOCIATION_H_
#define LWM2M_DTLS_ASSOCIATION_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lwm2m_dtls;

struct lwm2m_dtls_bytes {
	/* NULL: there are none. */
	const unsigned char *data;
	size_t length;
};

struct lwm2m_dtls_settings {
	bool server;
	/* Pre-shared key; its identity empty where there are certificates. */
	struct lwm2m_dtls_bytes identity;
	struct lwm2m_dtls_bytes key;
	/* Certificates and private key, each DER, or PEM with its terminator counted. */
	struct lwm2m_dtls_bytes authority;
	struct lwm2m_dtls_bytes certificate;
	struct lwm2m_dtls_bytes private_key;
	/* What the server has to be named; NULL: anything. */
	const char *name;
	/* IANA's numbers, ended by 0; kept, not copied. */
	const int *suites;
	/* What lwm2m_dtls_session() gave, to be resumed. */
	struct lwm2m_dtls_bytes session;
	/* Length of the connection id that the peer is to use; negative: no connection ids. */
	int connection_id;
	/* Milliseconds to the first retransmission, and the longest pause between two. */
	uint32_t first_timeout;
	uint32_t last_timeout;
	/* A server's client, for the cookie it has to bring back. */
	struct lwm2m_dtls_bytes peer;
	/* Fills a buffer with random bytes; 0 if it could. */
	int (*random)(void *unused, unsigned char *bytes, size_t length);
};

/* What a call into an association may use while it lasts. */
struct lwm2m_dtls_call {
	/* A clock in milliseconds. */
	uint64_t now;
	/* A datagram from the peer, or none. */
	struct lwm2m_dtls_bytes datagram;
	/* Takes a datagram for the peer. */
	void (*transmit)(void *to, const unsigned char *data, size_t length);
	void *to;
};

/* What of a certificate was found wanting. */
enum lwm2m_dtls_fault {
	LWM2M_DTLS_NO_FAULT,
	LWM2M_DTLS_EXPIRED,
	LWM2M_DTLS_FUTURE,
	LWM2M_DTLS_OTHER_NAME,
	LWM2M_DTLS_UNTRUSTED,
	LWM2M_DTLS_UNFIT,
};

/* NULL: `error` says why. */
struct lwm2m_dtls *lwm2m_dtls_new(const struct lwm2m_dtls_settings *settings, int *error);
void lwm2m_dtls_free(struct lwm2m_dtls *association);

/* 0: it is complete; MBEDTLS_ERR_SSL_WANT_READ: call again with a datagram or at the deadline. */
int lwm2m_dtls_handshake(struct lwm2m_dtls *association, struct lwm2m_dtls_call *call);
/* The time at which something is to be done without a datagram; UINT64_MAX: never. */
uint64_t lwm2m_dtls_deadline(const struct lwm2m_dtls *association);
/* Length of the record's content, of which as much is copied as there is room for. */
int lwm2m_dtls_read(struct lwm2m_dtls *association, struct lwm2m_dtls_call *call,
		    unsigned char *buffer, size_t room);
/* Whether the last datagram has more for lwm2m_dtls_read(). */
bool lwm2m_dtls_pending(const struct lwm2m_dtls *association);
int lwm2m_dtls_write(struct lwm2m_dtls *association, struct lwm2m_dtls_call *call,
		     const unsigned char *data, size_t length);
void lwm2m_dtls_close(struct lwm2m_dtls *association, struct lwm2m_dtls_call *call);

/* Length of what is to be kept for a resumption, copied if there is room; 0: there is nothing. */
size_t lwm2m_dtls_session(const struct lwm2m_dtls *association, unsigned char *buffer, size_t room);
/* Whether the handshake resumed the session of the settings. */
bool lwm2m_dtls_resumed(const struct lwm2m_dtls *association);
/* Length of the connection id in what is sent; negative: none was agreed on. */
int lwm2m_dtls_connection_id(const struct lwm2m_dtls *association);
enum lwm2m_dtls_fault lwm2m_dtls_fault(const struct lwm2m_dtls *association);

#endif
