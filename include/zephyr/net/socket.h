/* SPDX-License-Identifier: Apache-2.0 */
/* Host stand-in: Zephyr's socket calls by the names of the host's. */

#ifndef LWM2M_HOST_NET_SOCKET_H
#define LWM2M_HOST_NET_SOCKET_H

#include <zephyr/net/net_ip.h>

#define zsock_setsockopt setsockopt
#define zsock_getsockopt getsockopt
#define zsock_getsockname getsockname

#endif /* LWM2M_HOST_NET_SOCKET_H */
