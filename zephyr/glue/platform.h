/* SPDX-License-Identifier: Apache-2.0 */
/* What rust/zephyr asks of the kernel and the network, in plain types. Error returns are negative
 * error numbers.
 */
#ifndef LWM2M_RS_PLATFORM_H_
#define LWM2M_RS_PLATFORM_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The monotonic clock, in milliseconds. */
int64_t lwm2m_rs_uptime(void);
uint32_t lwm2m_rs_entropy(void);

/* The registry lock: recursive. */
void lwm2m_rs_lock(void);
void lwm2m_rs_unlock(void);
/* How often the calling thread holds it. */
uint32_t lwm2m_rs_lock_depth(void);

bool lwm2m_rs_is_engine_thread(void);
int lwm2m_rs_start_engine_thread(void);

/* Finds the addresses of a host and hands out number `index` of them, counted around, and how many
 * there are. Returns the length of what was written to `address`, which holds `room` bytes.
 */
int lwm2m_rs_resolve(const char *host, size_t host_length, uint16_t port, unsigned int index,
		     unsigned int *count, void *address, size_t room);
/* A datagram socket for this kind of address. */
int lwm2m_rs_socket(const void *address);
/* The same with DTLS, where that is configured; then also: */
int lwm2m_rs_secure_socket(const void *address);
/* Adds what resource 3, 4 or 5 of an account holds to the TLS credentials under `tag`. */
int lwm2m_rs_add_credential(int tag, bool certificate, unsigned int resource, const void *data,
			    size_t length);
void lwm2m_rs_delete_credentials(int tag);
/* Sets what a secured socket is to use and to check; `suites_size` in bytes. A name of no length is
 * none. Where the suites cannot be set the peer is verified anyway.
 */
int lwm2m_rs_set_secure_options(int socket, int tag, bool certificate, bool verify,
				const char *name, size_t name_length, const int *suites,
				size_t suites_size);

int lwm2m_rs_connect(int socket, const void *address, size_t length);
void lwm2m_rs_close(int socket);
int lwm2m_rs_send(int socket, const uint8_t *data, size_t length);

/* Waits at most `timeout` milliseconds (for ever when negative) for one of `sockets` (those below 0
 * are left out) or for lwm2m_rs_wake. Returns the index of a socket that has something, or -1.
 */
int lwm2m_rs_wait(const int *sockets, size_t count, int64_t timeout);
void lwm2m_rs_wake(void);
/* What a socket has: the length of the datagram, -EAGAIN for nothing. */
int lwm2m_rs_receive(int socket, uint8_t *buffer, size_t room);

/* Writes a line to the log, under the log module of this number. */
void lwm2m_rs_log(uint8_t level, uint8_t module, const char *text);

#endif
