/* SPDX-License-Identifier: Apache-2.0 */
/* Every struct of the layout tables, with a socket address of the size that Zephyr's has in place of
 * the host's own, which is larger: so the fields behind one lie where they were measured.
 */

#ifndef PARITY_LAYOUTS_H
#define PARITY_LAYOUTS_H

#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

struct parity_sockaddr {
	uint16_t family;
	char data[108];
} __attribute__((aligned(4)));
#define sockaddr_storage parity_sockaddr

#include "lwm2m_engine.h"
#if __has_include("lwm2m_pull_context.h")
#include "lwm2m_pull_context.h"
#endif

#endif /* PARITY_LAYOUTS_H */
