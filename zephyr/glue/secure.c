/* SPDX-License-Identifier: Apache-2.0 */
/* Secured sockets and Zephyr's TLS credentials for rust/zephyr. */

#include <errno.h>
#include <string.h>

#include <zephyr/net/socket.h>
#include <zephyr/net/tls_credentials.h>

#include "platform.h"

int lwm2m_rs_secure_socket(const void *address)
{
	int fd = zsock_socket(((const struct sockaddr *)address)->sa_family, SOCK_DGRAM,
			      IPPROTO_DTLS_1_2);

	return fd < 0 ? -errno : fd;
}

#if defined(CONFIG_TLS_CREDENTIALS)
/* Resources 3, 4 and 5 of the Security object, with a key and with certificates. */
static const enum tls_credential_type types[2][3] = {
	{TLS_CREDENTIAL_PSK_ID, TLS_CREDENTIAL_NONE, TLS_CREDENTIAL_PSK},
	{TLS_CREDENTIAL_PUBLIC_CERTIFICATE, TLS_CREDENTIAL_CA_CERTIFICATE,
	 TLS_CREDENTIAL_PRIVATE_KEY},
};

/* Tells credentials apart: those that are in the store, and those of the last connection (FNV-1a). */
static uint32_t stored;
static uint32_t connected_with;

int lwm2m_rs_add_credential(int tag, bool certificate, unsigned int resource, const void *data,
			    size_t length)
{
	for (size_t i = 0; i < length; i++) {
		stored = (stored ^ ((const uint8_t *)data)[i]) * 16777619U;
	}
	return tls_credential_add(tag, types[certificate][resource - 3U], data, length);
}

static bool changed(void)
{
	bool differ = stored != connected_with;

	connected_with = stored;
	return differ;
}

void lwm2m_rs_delete_credentials(int tag)
{
	stored = 2166136261U;
	for (size_t mode = 0; mode < 2; mode++) {
		for (size_t i = 0; i < 3; i++) {
			if (types[mode][i] != TLS_CREDENTIAL_NONE) {
				(void)tls_credential_delete(tag, types[mode][i]);
			}
		}
	}
}
#else
int lwm2m_rs_add_credential(int tag, bool certificate, unsigned int resource, const void *data,
			    size_t length)
{
	ARG_UNUSED(tag);
	ARG_UNUSED(certificate);
	ARG_UNUSED(resource);
	ARG_UNUSED(data);
	ARG_UNUSED(length);
	return -EOPNOTSUPP;
}

void lwm2m_rs_delete_credentials(int tag)
{
	ARG_UNUSED(tag);
}

static bool changed(void)
{
	return false;
}
#endif

static int set_number(int socket, int option, int value)
{
	return zsock_setsockopt(socket, SOL_TLS, option, &value, sizeof(value)) < 0 ? -errno : 0;
}

static int set_host_name(int socket, const char *name, size_t length)
{
	char text[256];

	if (length >= sizeof(text)) {
		return -EINVAL;
	}
	memcpy(text, name, length);
	text[length] = '\0';
	/* Without a name the certificate has to be good, whatever name is in it. */
	return zsock_setsockopt(socket, SOL_TLS, TLS_HOSTNAME, length > 0U ? text : NULL,
				(socklen_t)length) < 0 ? -errno : 0;
}

int lwm2m_rs_set_secure_options(int socket, int tag, bool certificate, bool verify,
				const char *name, size_t name_length, const int *suites,
				size_t suites_size)
{
	sec_tag_t tags[] = {tag};
	int ret;

	if (zsock_setsockopt(socket, SOL_TLS, TLS_SEC_TAG_LIST, tags, sizeof(tags)) < 0) {
		return -errno;
	}
	if (IS_ENABLED(CONFIG_LWM2M_TLS_SESSION_CACHING)) {
		ret = set_number(socket, TLS_SESSION_CACHE, TLS_SESSION_CACHE_ENABLED);
		if (ret < 0) {
			return ret;
		}
		if (changed()) {
			/* A session that is resumed would pass by new keys. */
			(void)set_number(socket, TLS_SESSION_CACHE_PURGE, 1);
		}
	}
	if (IS_ENABLED(CONFIG_LWM2M_DTLS_CID)) {
		/* A stack that has no connection ids does without. */
		(void)set_number(socket, TLS_DTLS_CID, TLS_DTLS_CID_SUPPORTED);
	}
	/* A pre-shared key proves the peer by itself, as long as nothing else can be agreed on. */
	ret = zsock_setsockopt(socket, SOL_TLS, TLS_CIPHERSUITE_LIST, suites,
			       (socklen_t)suites_size);
	if (!verify && ret == 0) {
		(void)set_number(socket, TLS_PEER_VERIFY, TLS_PEER_VERIFY_NONE);
		return 0;
	}
	if (certificate) {
		ret = set_host_name(socket, name, name_length);
		if (ret < 0) {
			return ret;
		}
	}
	return set_number(socket, TLS_PEER_VERIFY, TLS_PEER_VERIFY_REQUIRED);
}
