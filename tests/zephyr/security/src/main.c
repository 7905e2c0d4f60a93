/* SPDX-License-Identifier: Apache-2.0 */
/* What can be seen of secured connections without a server: modes, keys and where they go when the
 * client tries to connect. Nobody listens at the address.
 */

#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/lwm2m.h>
#include <zephyr/net/tls_credentials.h>
#include <zephyr/ztest.h>

#define TAG 7
#define KEY_SIZE CONFIG_LWM2M_SECURITY_KEY_SIZE
#define MODE(instance) LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, instance, 2)
#define CLIENT(instance) LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, instance, 3)
#define SERVER(instance) LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, instance, 4)
#define SECRET(instance) LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, instance, 5)

static const char identity[] = "client";
static const uint8_t key[16] = {0x0f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

static struct lwm2m_ctx client;
static atomic_t disconnected;
static atomic_t loads;
static atomic_t sockets;
static int default_options;
static int socket_seen;

static void on_event(struct lwm2m_ctx *ctx, enum lwm2m_rd_client_event event)
{
	ARG_UNUSED(ctx);
	if (event == LWM2M_RD_CLIENT_EVENT_DISCONNECT) {
		atomic_inc(&disconnected);
	}
}

static int load(struct lwm2m_ctx *ctx)
{
	atomic_inc(&loads);
	(void)tls_credential_delete(ctx->tls_tag, TLS_CREDENTIAL_PSK_ID);
	(void)tls_credential_delete(ctx->tls_tag, TLS_CREDENTIAL_PSK);
	zassert_ok(tls_credential_add(ctx->tls_tag, TLS_CREDENTIAL_PSK_ID, "own", 3));
	return tls_credential_add(ctx->tls_tag, TLS_CREDENTIAL_PSK, key, 4);
}

static int set_options(struct lwm2m_ctx *ctx)
{
	socket_seen = ctx->sock_fd;
	default_options = lwm2m_set_default_sockopt(ctx);
	atomic_inc(&sockets);
	return default_options;
}

/* The length of a credential in the store, with its bytes in `into`; 0: there is none. */
static size_t stored(enum tls_credential_type type, uint8_t *into)
{
	size_t length = KEY_SIZE + 1;

	return tls_credential_get(TAG, type, into, &length) == 0 ? length : 0;
}

static bool is_stored(enum tls_credential_type type, const void *value, size_t length)
{
	uint8_t found[KEY_SIZE + 1];

	return stored(type, found) == length && memcmp(found, value, length) == 0;
}

static bool nothing_is_stored(void)
{
	uint8_t found[KEY_SIZE + 1];

	for (int type = TLS_CREDENTIAL_CA_CERTIFICATE; type <= TLS_CREDENTIAL_PSK_ID; type++) {
		if (stored(type, found) != 0) {
			return false;
		}
	}
	return true;
}

static void account(uint8_t mode)
{
	zassert_ok(lwm2m_set_string(&LWM2M_OBJ(0, 0, 0), "coaps://127.0.0.1:5"));
	zassert_ok(lwm2m_set_u8(&MODE(0), mode));
	zassert_ok(lwm2m_set_u16(&LWM2M_OBJ(0, 0, 10), 1));
	zassert_ok(lwm2m_set_u16(&LWM2M_OBJ(1, 0, 0), 1));
	zassert_ok(lwm2m_set_u32(&LWM2M_OBJ(1, 0, 1), 60));
}

/* Has the client try to connect, once or more often. */
static void try_to_connect(void)
{
	zassert_ok(lwm2m_rd_client_start(&client, "client", 0, on_event, NULL));
	k_sleep(K_SECONDS(2));
}

static void stop(void)
{
	atomic_clear(&disconnected);
	if (lwm2m_rd_client_stop(&client, on_event, false) != 0) {
		return;
	}
	for (int i = 0; i < 50 && atomic_get(&disconnected) == 0; i++) {
		k_sleep(K_MSEC(100));
	}
	/* The C lets it start again a little later. */
	k_sleep(K_SECONDS(1));
}

static void before(void *fixture)
{
	ARG_UNUSED(fixture);
	memset(&client, 0, sizeof(client));
	client.sock_fd = -1;
	client.tls_tag = TAG;
	atomic_clear(&loads);
	atomic_clear(&sockets);
	account(LWM2M_SECURITY_PSK);
	zassert_ok(lwm2m_set_opaque(&CLIENT(0), identity, strlen(identity)));
	zassert_ok(lwm2m_set_opaque(&SECRET(0), (void *)key, sizeof(key)));
}

static void after(void *fixture)
{
	ARG_UNUSED(fixture);
	stop();
	for (int type = TLS_CREDENTIAL_CA_CERTIFICATE; type <= TLS_CREDENTIAL_PSK_ID; type++) {
		(void)tls_credential_delete(TAG, type);
	}
}

ZTEST(security, test_the_mode_is_that_of_the_account_in_use)
{
	for (int mode = LWM2M_SECURITY_PSK; mode <= LWM2M_SECURITY_CERT_EST; mode++) {
		zassert_ok(lwm2m_set_u8(&MODE(0), mode));
		zassert_equal(lwm2m_security_mode(&client), mode);
	}
	client.sec_obj_inst = 9;
	zassert_equal(lwm2m_security_mode(&client), -ENOENT);
}

ZTEST(security, test_a_key_that_is_too_long_is_refused_when_it_is_set)
{
	uint8_t *data;
	uint16_t length;
	uint8_t longer[KEY_SIZE + 1] = {0};

	zassert_equal(lwm2m_set_opaque(&SECRET(0), (void *)longer, sizeof(longer)), -ENOMEM);
	zassert_ok(lwm2m_get_res_buf(&SECRET(0), (void **)&data, NULL, &length, NULL));
	zassert_equal(length, sizeof(key));
	zassert_mem_equal(data, key, sizeof(key));
}

ZTEST(security, test_nothing_of_a_longer_key_stays)
{
	uint8_t *data;
	uint16_t room;

	Z_TEST_SKIP_IFNDEF(CONFIG_LWM2M_RUST);
	zassert_ok(lwm2m_set_opaque(&SECRET(0), (void *)key, 4));
	zassert_ok(lwm2m_get_res_buf(&SECRET(0), (void **)&data, &room, NULL, NULL));
	zassert_mem_equal(data, key, 4);
	for (uint16_t i = 4; i < room; i++) {
		zassert_equal(data[i], 0);
	}
}

ZTEST(security, test_keys_are_wiped_with_their_account)
{
	uint8_t *data;
	uint16_t room;

	Z_TEST_SKIP_IFNDEF(CONFIG_LWM2M_RUST);
	zassert_ok(lwm2m_create_object_inst(&LWM2M_OBJ(0, 1)));
	zassert_ok(lwm2m_set_opaque(&SECRET(1), (void *)key, sizeof(key)));
	zassert_ok(lwm2m_get_res_buf(&SECRET(1), (void **)&data, &room, NULL, NULL));
	zassert_ok(lwm2m_delete_object_inst(&LWM2M_OBJ(0, 1)));
	for (uint16_t i = 0; i < room; i++) {
		zassert_equal(data[i], 0);
	}
}

ZTEST(security, test_keys_go_to_the_store_when_the_client_connects)
{
	try_to_connect();
	zassert_true(client.use_dtls);
	zassert_true(is_stored(TLS_CREDENTIAL_PSK_ID, identity, strlen(identity)));
	zassert_true(is_stored(TLS_CREDENTIAL_PSK, key, sizeof(key)));
	stop();

	/* Others take their place. */
	zassert_ok(lwm2m_set_opaque(&SECRET(0), (void *)key, 8));
	try_to_connect();
	zassert_true(is_stored(TLS_CREDENTIAL_PSK, key, 8));
}

ZTEST(security, test_keys_leave_the_store_with_their_account)
{
	Z_TEST_SKIP_IFNDEF(CONFIG_LWM2M_RUST);
	try_to_connect();
	zassert_true(is_stored(TLS_CREDENTIAL_PSK, key, sizeof(key)));
	stop();
	zassert_ok(lwm2m_delete_object_inst(&LWM2M_OBJ(0, 0)));
	k_sleep(K_MSEC(100));
	zassert_true(nothing_is_stored());
	zassert_ok(lwm2m_create_object_inst(&LWM2M_OBJ(0, 0)));
}

ZTEST(security, test_certificates_go_to_the_store_and_a_pem_text_gets_its_end)
{
	static const char pem[] = "-----BEGIN CERTIFICATE-----";

	account(LWM2M_SECURITY_CERT);
	zassert_ok(lwm2m_set_opaque(&CLIENT(0), (void *)pem, strlen(pem)));
	zassert_ok(lwm2m_set_opaque(&SERVER(0), (void *)key, 3));
	try_to_connect();
	zassert_true(is_stored(TLS_CREDENTIAL_PUBLIC_CERTIFICATE, pem, sizeof(pem)));
	zassert_true(is_stored(TLS_CREDENTIAL_PRIVATE_KEY, key, sizeof(key)));
	zassert_true(is_stored(TLS_CREDENTIAL_CA_CERTIFICATE, key, 3));
}

ZTEST(security, test_nothing_is_stored_where_there_is_no_key_to_use)
{
	account(LWM2M_SECURITY_NOSEC);
	try_to_connect();
	zassert_true(nothing_is_stored());
	stop();
	account(LWM2M_SECURITY_RAW_PK);
	try_to_connect();
	zassert_true(nothing_is_stored());
	stop();
	if (!IS_ENABLED(CONFIG_LWM2M_RUST)) {
		/* The identity stays. */
		return;
	}
	account(LWM2M_SECURITY_PSK);
	zassert_ok(lwm2m_set_opaque(&SECRET(0), (void *)key, 0));
	try_to_connect();
	zassert_true(nothing_is_stored());
}

ZTEST(security, test_the_application_loads_its_own_credentials)
{
	client.load_credentials = load;
	client.set_socketoptions = set_options;
	try_to_connect();
	zassert_true(atomic_get(&loads) > 0);
	zassert_true(atomic_get(&sockets) > 0);
	zassert_true(is_stored(TLS_CREDENTIAL_PSK_ID, "own", 3));
	zassert_true(socket_seen >= 0);
	zassert_ok(default_options);
}

ZTEST(security, test_default_options_need_a_mode_that_has_keys)
{
	account(LWM2M_SECURITY_RAW_PK);
	client.load_credentials = load;
	client.set_socketoptions = set_options;
	try_to_connect();
	zassert_true(atomic_get(&sockets) > 0);
	zassert_equal(default_options, -EOPNOTSUPP);
}

ZTEST_SUITE(security, NULL, NULL, before, after, NULL);
