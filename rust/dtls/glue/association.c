/* SPDX-License-Identifier: Apache-2.0 */
/* See association.h. RFC 6347 (DTLS 1.2), RFC 9146 (connection id), RFC 5246 §7.3 (resumption). */

#include "association.h"

#include <stdlib.h>
#include <string.h>

#include <mbedtls/error.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_cookie.h>
#include <mbedtls/x509_crt.h>

/* Handshake datagrams fit IPv6's least MTU, less the IPv6 and UDP headers. */
#define HANDSHAKE_MTU (1280 - 40 - 8)

struct lwm2m_dtls {
	mbedtls_ssl_context ssl;
	mbedtls_ssl_config config;
	mbedtls_x509_crt authority;
	mbedtls_x509_crt certificate;
	mbedtls_pk_context private_key;
	mbedtls_ssl_cookie_ctx cookies;
	/* During the handshake what is to be resumed, then what was agreed on. */
	mbedtls_ssl_session session;
	bool resuming;
	unsigned char peer[32];
	size_t peer_length;
	/* The timer of the handshake: when it was set, and its two times; 0: it is not set. */
	uint64_t set_at;
	uint32_t intermediate;
	uint32_t final;
	/* While a call lasts. */
	struct lwm2m_dtls_call *call;
};

static int transmit(void *context, const unsigned char *data, size_t length)
{
	struct lwm2m_dtls *association = context;

	association->call->transmit(association->call->to, data, length);
	return (int)length;
}

static int receive(void *context, unsigned char *buffer, size_t room)
{
	struct lwm2m_dtls *association = context;
	struct lwm2m_dtls_bytes datagram = association->call->datagram;
	size_t length = datagram.length < room ? datagram.length : room;

	if (length == 0) {
		return MBEDTLS_ERR_SSL_WANT_READ;
	}
	memcpy(buffer, datagram.data, length);
	association->call->datagram.length = 0;
	return (int)length;
}

static void set_timer(void *context, uint32_t intermediate, uint32_t final)
{
	struct lwm2m_dtls *association = context;

	association->set_at = association->call != NULL ? association->call->now : 0;
	association->intermediate = intermediate;
	association->final = final;
}

static int get_timer(void *context)
{
	const struct lwm2m_dtls *association = context;
	uint64_t elapsed = association->call->now - association->set_at;

	if (association->final == 0) {
		return -1;
	}
	return (elapsed >= association->intermediate) + (elapsed >= association->final);
}

static int use_certificates(struct lwm2m_dtls *association,
			    const struct lwm2m_dtls_settings *settings)
{
	int ret = mbedtls_x509_crt_parse(&association->authority, settings->authority.data,
					 settings->authority.length);

	if (ret != 0) {
		return ret < 0 ? ret : MBEDTLS_ERR_X509_INVALID_FORMAT;
	}
	mbedtls_ssl_conf_ca_chain(&association->config, &association->authority, NULL);
	ret = mbedtls_x509_crt_parse(&association->certificate, settings->certificate.data,
				     settings->certificate.length);
	if (ret != 0) {
		return ret < 0 ? ret : MBEDTLS_ERR_X509_INVALID_FORMAT;
	}
	ret = mbedtls_pk_parse_key(&association->private_key, settings->private_key.data,
				   settings->private_key.length, NULL, 0, settings->random, NULL);
	if (ret == 0) {
		ret = mbedtls_pk_check_pair(&association->certificate.pk, &association->private_key,
					    settings->random, NULL);
	}
	if (ret == 0) {
		ret = mbedtls_ssl_conf_own_cert(&association->config, &association->certificate,
						&association->private_key);
	}
	return ret;
}

static int configure(struct lwm2m_dtls *association, const struct lwm2m_dtls_settings *settings)
{
	mbedtls_ssl_config *config = &association->config;
	int ret = mbedtls_ssl_config_defaults(
		config, settings->server ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT,
		MBEDTLS_SSL_TRANSPORT_DATAGRAM, MBEDTLS_SSL_PRESET_DEFAULT);

	if (ret != 0) {
		return ret;
	}
	mbedtls_ssl_conf_rng(config, settings->random, NULL);
	mbedtls_ssl_conf_handshake_timeout(config, settings->first_timeout, settings->last_timeout);
	/* Also with a pre-shared key: a suite with certificates, were one agreed on, proves nothing. */
	mbedtls_ssl_conf_authmode(config, MBEDTLS_SSL_VERIFY_REQUIRED);
	if (settings->suites != NULL) {
		mbedtls_ssl_conf_ciphersuites(config, settings->suites);
	}
	if (settings->identity.length > 0) {
		ret = mbedtls_ssl_conf_psk(config, settings->key.data, settings->key.length,
					   settings->identity.data, settings->identity.length);
	} else {
		ret = use_certificates(association, settings);
	}
	if (ret == 0 && settings->connection_id >= 0) {
		ret = mbedtls_ssl_conf_cid(config, (size_t)settings->connection_id,
					   MBEDTLS_SSL_UNEXPECTED_CID_IGNORE);
	}
	if (ret == 0 && settings->server) {
		ret = mbedtls_ssl_cookie_setup(&association->cookies, settings->random, NULL);
		mbedtls_ssl_conf_dtls_cookies(config, mbedtls_ssl_cookie_write,
					      mbedtls_ssl_cookie_check, &association->cookies);
	}
	return ret;
}

static int set_up(struct lwm2m_dtls *association, const struct lwm2m_dtls_settings *settings)
{
	mbedtls_ssl_context *ssl = &association->ssl;
	unsigned char id[MBEDTLS_SSL_CID_IN_LEN_MAX];
	int ret = configure(association, settings);

	if (ret == 0) {
		ret = mbedtls_ssl_setup(ssl, &association->config);
	}
	if (ret == 0) {
		/* NULL is said, too: that no name was asked for is on purpose then. */
		ret = mbedtls_ssl_set_hostname(ssl, settings->name);
	}
	if (ret == 0 && settings->connection_id >= 0) {
		size_t length = (size_t)settings->connection_id;

		if (length > sizeof(id) || settings->random(NULL, id, length) != 0) {
			return MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
		}
		ret = mbedtls_ssl_set_cid(ssl, MBEDTLS_SSL_CID_ENABLED, id, length);
	}
	if (ret == 0 && settings->session.length > 0 &&
	    mbedtls_ssl_session_load(&association->session, settings->session.data,
				     settings->session.length) == 0) {
		/* One that is of no use is done without. */
		association->resuming = mbedtls_ssl_set_session(ssl, &association->session) == 0;
	}
	if (ret == 0 && settings->server) {
		association->peer_length = settings->peer.length;
		if (association->peer_length > sizeof(association->peer)) {
			return MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
		}
		memcpy(association->peer, settings->peer.data, settings->peer.length);
		ret = mbedtls_ssl_set_client_transport_id(ssl, association->peer,
							  association->peer_length);
	}
	mbedtls_ssl_set_mtu(ssl, HANDSHAKE_MTU);
	mbedtls_ssl_set_bio(ssl, association, transmit, receive, NULL);
	mbedtls_ssl_set_timer_cb(ssl, association, set_timer, get_timer);
	return ret;
}

struct lwm2m_dtls *lwm2m_dtls_new(const struct lwm2m_dtls_settings *settings, int *error)
{
	struct lwm2m_dtls *association = calloc(1, sizeof(*association));

	if (association == NULL) {
		*error = MBEDTLS_ERR_SSL_ALLOC_FAILED;
		return NULL;
	}
	mbedtls_ssl_init(&association->ssl);
	mbedtls_ssl_config_init(&association->config);
	mbedtls_x509_crt_init(&association->authority);
	mbedtls_x509_crt_init(&association->certificate);
	mbedtls_pk_init(&association->private_key);
	mbedtls_ssl_cookie_init(&association->cookies);
	mbedtls_ssl_session_init(&association->session);
	*error = set_up(association, settings);
	if (*error != 0) {
		lwm2m_dtls_free(association);
		return NULL;
	}
	return association;
}

void lwm2m_dtls_free(struct lwm2m_dtls *association)
{
	/* Each of them zeroes what it frees. */
	mbedtls_ssl_free(&association->ssl);
	mbedtls_ssl_config_free(&association->config);
	mbedtls_x509_crt_free(&association->authority);
	mbedtls_x509_crt_free(&association->certificate);
	mbedtls_pk_free(&association->private_key);
	mbedtls_ssl_cookie_free(&association->cookies);
	mbedtls_ssl_session_free(&association->session);
	mbedtls_platform_zeroize(association, sizeof(*association));
	free(association);
}

/* The handshake is complete. */
static int complete(struct lwm2m_dtls *association)
{
	mbedtls_ssl_session agreed;
	const unsigned char *before = *mbedtls_ssl_session_get_id(&association->session);
	size_t length = mbedtls_ssl_session_get_id_len(&association->session);
	int ret;

	/* What the application sends is as long as it likes. */
	mbedtls_ssl_set_mtu(&association->ssl, 0);
	if (mbedtls_ssl_conf_get_endpoint(&association->config) == MBEDTLS_SSL_IS_SERVER) {
		return 0;
	}
	/* It can be asked for once. */
	mbedtls_ssl_session_init(&agreed);
	ret = mbedtls_ssl_get_session(&association->ssl, &agreed);
	association->resuming = association->resuming && ret == 0 && length > 0 &&
				length == mbedtls_ssl_session_get_id_len(&agreed) &&
				memcmp(before, *mbedtls_ssl_session_get_id(&agreed), length) == 0;
	mbedtls_ssl_session_free(&association->session);
	association->session = agreed;
	return ret;
}

int lwm2m_dtls_handshake(struct lwm2m_dtls *association, struct lwm2m_dtls_call *call)
{
	int ret;

	association->call = call;
	ret = mbedtls_ssl_handshake(&association->ssl);
	if (ret == MBEDTLS_ERR_SSL_HELLO_VERIFY_REQUIRED) {
		/* The cookie is on its way; the client begins again with it. */
		ret = mbedtls_ssl_session_reset(&association->ssl);
		if (ret == 0) {
			ret = mbedtls_ssl_set_client_transport_id(
				&association->ssl, association->peer, association->peer_length);
		}
		if (ret == 0) {
			ret = MBEDTLS_ERR_SSL_WANT_READ;
		}
	} else if (ret == 0) {
		ret = complete(association);
	}
	association->call = NULL;
	return ret;
}

uint64_t lwm2m_dtls_deadline(const struct lwm2m_dtls *association)
{
	return association->final == 0 ? UINT64_MAX : association->set_at + association->final;
}

int lwm2m_dtls_read(struct lwm2m_dtls *association, struct lwm2m_dtls_call *call,
		    unsigned char *buffer, size_t room)
{
	unsigned char rest[64];
	int ret, length;

	association->call = call;
	ret = mbedtls_ssl_read(&association->ssl, buffer, room);
	length = ret;
	while (ret > 0 && mbedtls_ssl_get_bytes_avail(&association->ssl) > 0) {
		ret = mbedtls_ssl_read(&association->ssl, rest, sizeof(rest));
		length += ret > 0 ? ret : 0;
	}
	association->call = NULL;
	return length;
}

bool lwm2m_dtls_pending(const struct lwm2m_dtls *association)
{
	return mbedtls_ssl_check_pending(&association->ssl) != 0;
}

int lwm2m_dtls_write(struct lwm2m_dtls *association, struct lwm2m_dtls_call *call,
		     const unsigned char *data, size_t length)
{
	int ret;

	association->call = call;
	/* In a single record, or not at all. */
	ret = mbedtls_ssl_write(&association->ssl, data, length);
	association->call = NULL;
	return ret < 0 ? ret : 0;
}

void lwm2m_dtls_close(struct lwm2m_dtls *association, struct lwm2m_dtls_call *call)
{
	association->call = call;
	(void)mbedtls_ssl_close_notify(&association->ssl);
	association->call = NULL;
}

size_t lwm2m_dtls_session(const struct lwm2m_dtls *association, unsigned char *buffer, size_t room)
{
	size_t length = 0;

	/* Without an id there is nothing that a server would know it by. */
	if (mbedtls_ssl_session_get_id_len(&association->session) == 0) {
		return 0;
	}
	(void)mbedtls_ssl_session_save(&association->session, buffer, room, &length);
	return length;
}

bool lwm2m_dtls_resumed(const struct lwm2m_dtls *association)
{
	return association->resuming;
}

int lwm2m_dtls_connection_id(const struct lwm2m_dtls *association)
{
	unsigned char id[MBEDTLS_SSL_CID_OUT_LEN_MAX];
	size_t length = 0;
	int enabled = MBEDTLS_SSL_CID_DISABLED;
	/* It reads only. */
	mbedtls_ssl_context *ssl = (mbedtls_ssl_context *)&association->ssl;

	if (mbedtls_ssl_get_peer_cid(ssl, &enabled, id, &length) != 0 ||
	    enabled != MBEDTLS_SSL_CID_ENABLED) {
		return -1;
	}
	return (int)length;
}

enum lwm2m_dtls_fault lwm2m_dtls_fault(const struct lwm2m_dtls *association)
{
	uint32_t flags = mbedtls_ssl_get_verify_result(&association->ssl);

	/* UINT32_MAX: none was verified. */
	if (flags == 0 || flags == UINT32_MAX) {
		return LWM2M_DTLS_NO_FAULT;
	}
	if (flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) {
		return LWM2M_DTLS_UNTRUSTED;
	}
	if (flags & MBEDTLS_X509_BADCERT_EXPIRED) {
		return LWM2M_DTLS_EXPIRED;
	}
	if (flags & MBEDTLS_X509_BADCERT_FUTURE) {
		return LWM2M_DTLS_FUTURE;
	}
	return flags & MBEDTLS_X509_BADCERT_CN_MISMATCH ? LWM2M_DTLS_OTHER_NAME : LWM2M_DTLS_UNFIT;
}
