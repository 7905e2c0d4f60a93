/* SPDX-License-Identifier: Apache-2.0 */
/* A host name with two addresses, at the first of which nobody answers: the server is found at the other
 * one, at once the next time. A URI with a path is that of no server.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <zephyr/net/lwm2m.h>

#include "support/check.h"
#include "support/client.h"
#include "support/server.h"

#define HOST "two-addresses.example"

static struct sockaddr_in silent = {.sin_family = AF_INET};
static struct sockaddr_in answering = {.sin_family = AF_INET};
static struct addrinfo second = {
	.ai_family = AF_INET,
	.ai_socktype = SOCK_DGRAM,
	.ai_addrlen = sizeof(answering),
	.ai_addr = (struct sockaddr *)&answering,
};
static struct addrinfo first = {
	.ai_family = AF_INET,
	.ai_socktype = SOCK_DGRAM,
	.ai_addrlen = sizeof(silent),
	.ai_addr = (struct sockaddr *)&silent,
	.ai_next = &second,
};

/* In place of the C library's: the test's own name service. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		struct addrinfo **found)
{
	ARG_UNUSED(service);
	ARG_UNUSED(hints);
	CHECK(strcmp(node, HOST) == 0);
	silent.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	answering.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*found = &first;
	return 0;
}

void freeaddrinfo(struct addrinfo *info)
{
	CHECK(info == &first);
}

static void start(void)
{
	while (lwm2m_rd_client_start(&client, "addresses", 0, client_event, NULL) ==
	       -EINPROGRESS) {
		k_sleep(K_MSEC(10));
	}
}

int main(void)
{
	uint16_t port = server_start();
	char uri[60];

	CHECK_EQUAL(lwm2m_create_object_inst(&LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 0)), 0);
	client_account(port);
	(void)snprintf(uri, sizeof(uri), "coap://" HOST ":%u", port);
	CHECK_EQUAL(lwm2m_set_string(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 0), uri), 0);
	start();
	CLIENT_HEARS(LWM2M_RD_CLIENT_EVENT_REG_TIMEOUT,
		     LWM2M_RD_CLIENT_EVENT_REGISTRATION_COMPLETE);
	client_stop();
	CLIENT_HEARS(LWM2M_RD_CLIENT_EVENT_DEREGISTER, LWM2M_RD_CLIENT_EVENT_DISCONNECT);
	start();
	CLIENT_HEARS(LWM2M_RD_CLIENT_EVENT_REGISTRATION_COMPLETE);
	CHECK_EQUAL(lwm2m_rd_client_stop(&client, client_event, false), 0);
	CLIENT_HEARS(LWM2M_RD_CLIENT_EVENT_DISCONNECT);

	CHECK_EQUAL(lwm2m_set_bool(&LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 0, 16), false), 0);
	CHECK_EQUAL(lwm2m_set_string(&LWM2M_OBJ(LWM2M_OBJECT_SECURITY_ID, 0, 0),
				     "coap://127.0.0.1/path"),
		    0);
	start();
	CLIENT_HEARS(LWM2M_RD_CLIENT_EVENT_NETWORK_ERROR);
	return CHECK_RESULT();
}
