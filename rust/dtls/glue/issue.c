/* SPDX-License-Identifier: Apache-2.0 */
/* See issue.h. RFC 5280. */

#include "issue.h"

#include <string.h>

#include <mbedtls/ecp.h>
#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>

static int fill_in(mbedtls_x509write_cert *writing, const struct lwm2m_dtls_order *order)
{
	mbedtls_x509_san_list names = {0};
	unsigned char serial[sizeof(order->serial)];
	int ret;

	memcpy(serial, order->serial, sizeof(serial));
	/* A positive number that does not begin with zeros. */
	serial[0] = (unsigned char)((serial[0] & 0x3f) | 0x40);
	mbedtls_x509write_crt_set_version(writing, MBEDTLS_X509_CRT_VERSION_3);
	mbedtls_x509write_crt_set_md_alg(writing, MBEDTLS_MD_SHA256);
	ret = mbedtls_x509write_crt_set_serial_raw(writing, serial, sizeof(serial));
	if (ret == 0) {
		ret = mbedtls_x509write_crt_set_subject_name(writing, order->subject);
	}
	if (ret == 0) {
		ret = mbedtls_x509write_crt_set_issuer_name(
			writing, order->issuer != NULL ? order->issuer : order->subject);
	}
	if (ret == 0) {
		ret = mbedtls_x509write_crt_set_validity(writing, order->from, order->until);
	}
	if (ret == 0) {
		ret = mbedtls_x509write_crt_set_basic_constraints(writing, order->authority, -1);
	}
	if (ret == 0) {
		ret = mbedtls_x509write_crt_set_key_usage(
			writing, order->authority ? MBEDTLS_X509_KU_KEY_CERT_SIGN
						  : MBEDTLS_X509_KU_DIGITAL_SIGNATURE);
	}
	if (ret == 0 && order->name != NULL) {
		names.node.type = MBEDTLS_X509_SAN_DNS_NAME;
		names.node.san.unstructured_name.p = (unsigned char *)order->name;
		names.node.san.unstructured_name.len = strlen(order->name);
		ret = mbedtls_x509write_crt_set_subject_alternative_name(writing, &names);
	}
	return ret;
}

int lwm2m_dtls_issue(const struct lwm2m_dtls_order *order, unsigned char *certificate,
		     size_t certificate_room, unsigned char *key, size_t key_room,
		     size_t *certificate_length, size_t *key_length)
{
	mbedtls_x509write_cert writing;
	mbedtls_pk_context own, issuer;
	int ret;

	mbedtls_x509write_crt_init(&writing);
	mbedtls_pk_init(&own);
	mbedtls_pk_init(&issuer);
	ret = mbedtls_pk_setup(&own, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
	if (ret == 0) {
		ret = mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(own),
					  order->random, NULL);
	}
	if (ret == 0 && order->issuer != NULL) {
		ret = mbedtls_pk_parse_key(&issuer, order->issuer_key.data, order->issuer_key.length,
					   NULL, 0, order->random, NULL);
	}
	if (ret == 0) {
		ret = fill_in(&writing, order);
	}
	if (ret == 0) {
		mbedtls_x509write_crt_set_subject_key(&writing, &own);
		mbedtls_x509write_crt_set_issuer_key(&writing,
						     order->issuer != NULL ? &issuer : &own);
		ret = mbedtls_pk_write_key_der(&own, key, key_room);
	}
	if (ret > 0) {
		*key_length = (size_t)ret;
		ret = mbedtls_x509write_crt_der(&writing, certificate, certificate_room,
						order->random, NULL);
	}
	if (ret > 0) {
		*certificate_length = (size_t)ret;
		ret = 0;
	}
	mbedtls_pk_free(&issuer);
	mbedtls_pk_free(&own);
	mbedtls_x509write_crt_free(&writing);
	return ret;
}
