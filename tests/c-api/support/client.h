/* SPDX-License-Identifier: Apache-2.0 */
/* The client of a test: its account, its context, and what it was told. */

#ifndef CLIENT_H
#define CLIENT_H

#include <stdint.h>

#include <zephyr/net/lwm2m.h>

extern struct lwm2m_ctx client;

/* Points the account at the port of 127.0.0.1. */
void client_account(uint16_t port);

/* The event callback: counts. */
void client_event(struct lwm2m_ctx *ctx, enum lwm2m_rd_client_event event);

/* How often an event was told. */
unsigned int client_count(enum lwm2m_rd_client_event event);

/* Waits, up to ten seconds, until the event was told so often; a failure of the test otherwise. */
void client_wait(enum lwm2m_rd_client_event event, unsigned int count);

/* Waits, up to ten seconds each, until the client has told the next so many events, and checks that it
 * told exactly these, in this order: those since the call before.
 */
void client_hears(int line, const int *expected, size_t count);

#define CLIENT_HEARS(...)                                                                          \
	do {                                                                                       \
		static const int expected_events[] = {__VA_ARGS__};                                \
                                                                                                   \
		client_hears(__LINE__, expected_events, ARRAY_SIZE(expected_events));              \
	} while (0)

/* Whether a string resource has this value. */
bool client_has_text(const struct lwm2m_obj_path *path, const char *text);

/* sock_fd, as an application reads it: without a lock, whenever it likes. */
int client_socket(void);

/* Has this callback told of observations, from the next client_register() on. */
void client_observe_events(lwm2m_observe_cb_t callback);

/* Starts the server and the client, and waits until that is registered. */
void client_register(void);

/* Stops the client and waits until the server has heard of it. */
void client_stop(void);

#endif /* CLIENT_H */
