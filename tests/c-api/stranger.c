/* SPDX-License-Identifier: Apache-2.0 */
/* What comes from anybody but the server is no part of the conversation. */

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <zephyr/net/lwm2m.h>

#include "support/check.h"
#include "support/client.h"
#include "support/server.h"

enum { PATIENCE_MS = 200 };

static int executed(uint16_t instance, uint8_t *arguments, uint16_t length)
{
	(void)instance;
	(void)arguments;
	(void)length;
	CHECK(false);
	return 0;
}

/* Where the client receives. */
static struct sockaddr_in address;

static void find_the_client(void)
{
	socklen_t length = sizeof(address);

	CHECK_EQUAL(getsockname(client_socket(), (struct sockaddr *)&address, &length), 0);
	CHECK_EQUAL(address.sin_family, AF_INET);
	CHECK(address.sin_port != 0);
	CHECK_EQUAL(inet_pton(AF_INET, "127.0.0.1", &address.sin_addr), 1);
}

static void is_ignored(int fd, const char *bytes, size_t length)
{
	struct pollfd polled = {.fd = fd, .events = POLLIN};

	CHECK_EQUAL(sendto(fd, bytes, length, 0, (struct sockaddr *)&address, sizeof(address)),
		    (ssize_t)length);
	CHECK_EQUAL(poll(&polled, 1, PATIENCE_MS), 0);
}

#define IS_IGNORED(fd, text) is_ignored(fd, text, sizeof(text) - 1)

int main(void)
{
	int fd;

	CHECK_EQUAL(lwm2m_register_exec_callback(&LWM2M_OBJ(3, 0, 4), executed), 0);
	client_register();
	find_the_client();
	/* Bound to a port of its own by the first datagram. */
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	/* GET 3/0/0, POST 3/0/4, PUT 1/0/1, DELETE 3303, a ping, something malformed. */
	IS_IGNORED(fd, "\x41\x01\x77\x01\x01\xb1" "3\x01" "0\x01" "0");
	IS_IGNORED(fd, "\x41\x02\x77\x02\x02\xb1" "3\x01" "0\x01" "4");
	IS_IGNORED(fd, "\x41\x03\x77\x03\x03\xb1" "1\x01" "0\x01" "1\x10\xff" "77");
	IS_IGNORED(fd, "\x41\x04\x77\x04\x04\xb1" "1\x01" "0");
	IS_IGNORED(fd, "\x40\x00\x77\x05");
	IS_IGNORED(fd, "\x4f\x01\x77\x06");
	/* The server is not disturbed. */
	CHECK_EQUAL(server_request(GET, "3/0/0", TEXT_PLAIN, NULL).code, CODE(2, 05));
	CHECK_EQUAL(close(fd), 0);
	client_stop();
	return CHECK_RESULT();
}
