/* SPDX-License-Identifier: Apache-2.0 */
/* Host stand-in: the host's own socket addresses. */

#ifndef LWM2M_HOST_NET_NET_IP_H
#define LWM2M_HOST_NET_NET_IP_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#endif /* LWM2M_HOST_NET_NET_IP_H */
