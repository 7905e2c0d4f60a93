/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel and sockets for rust/zephyr: what only C can expand, and nothing more. */

#include <errno.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/net_ip.h>
#include <zephyr/net/socket.h>
#include <zephyr/random/random.h>
#if defined(CONFIG_LWM2M_TICKLESS)
#include <zephyr/zvfs/eventfd.h>
#endif

#include "platform.h"

#if defined(CONFIG_NET_TC_THREAD_COOPERATIVE)
#define ENGINE_PRIORITY K_PRIO_COOP(CONFIG_NUM_COOP_PRIORITIES - 1)
#else
#define ENGINE_PRIORITY K_PRIO_PREEMPT(CONFIG_NUM_PREEMPT_PRIORITIES - 1)
#endif

/* Without an eventfd a wake-up is noticed when the poll in progress ends. */
#define POLL_INTERVAL_MS 500

/* Never returns; defined by rust/zephyr. */
void lwm2m_rs_run_engine(void);

/* The symbol's default is what the C subsystem needs with an application's callbacks on top. This
 * library keeps more on the stack itself; docs/performance.md says how much.
 */
#ifdef CONFIG_LWM2M_COAP_BLOCK_TRANSFER
#define OWN_STACK 3072
#else
#define OWN_STACK 2048
#endif
static K_KERNEL_STACK_DEFINE(engine_stack, CONFIG_LWM2M_ENGINE_STACK_SIZE + OWN_STACK);
static struct k_thread engine_thread;
static K_MUTEX_DEFINE(registry_mutex);
static K_SEM_DEFINE(wake_up, 0, 1);
#if defined(CONFIG_LWM2M_TICKLESS)
static int wake_fd = -1;
#endif
/* What poll said of the socket that lwm2m_rs_wait returned. The engine's thread's. */
static short reported;

int64_t lwm2m_rs_uptime(void)
{
	return k_uptime_get();
}

uint32_t lwm2m_rs_entropy(void)
{
	uint32_t word;

#if defined(CONFIG_CSPRNG_ENABLED)
	if (sys_csrand_get(&word, sizeof(word)) == 0) {
		return word;
	}
#endif
	sys_rand_get(&word, sizeof(word));
	return word;
}

void lwm2m_rs_lock(void)
{
	(void)k_mutex_lock(&registry_mutex, K_FOREVER);
}

void lwm2m_rs_unlock(void)
{
	/* Refused by the kernel when the caller does not hold it. */
	(void)k_mutex_unlock(&registry_mutex);
}

uint32_t lwm2m_rs_lock_depth(void)
{
	/* Only the owner can see itself as the owner, so the answer cannot change meanwhile. */
	return registry_mutex.owner == k_current_get() ? registry_mutex.lock_count : 0;
}

bool lwm2m_rs_is_engine_thread(void)
{
	return k_current_get() == &engine_thread;
}

static void engine_entry(void *a, void *b, void *c)
{
	ARG_UNUSED(a);
	ARG_UNUSED(b);
	ARG_UNUSED(c);
	lwm2m_rs_run_engine();
}

int lwm2m_rs_start_engine_thread(void)
{
#if defined(CONFIG_LWM2M_TICKLESS)
	wake_fd = zvfs_eventfd(0, ZVFS_EFD_NONBLOCK);
	if (wake_fd < 0) {
		return -errno;
	}
#endif
	k_thread_create(&engine_thread, engine_stack, K_KERNEL_STACK_SIZEOF(engine_stack),
			engine_entry, NULL, NULL, NULL, ENGINE_PRIORITY, 0, K_NO_WAIT);
	k_thread_name_set(&engine_thread, "lwm2m-sock-recv");
	return 0;
}

static int numeric_address(const char *host, uint16_t port, struct sockaddr_storage *address)
{
#if defined(CONFIG_NET_IPV4)
	struct sockaddr_in *v4 = (struct sockaddr_in *)address;

	if (zsock_inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		return sizeof(*v4);
	}
#endif
#if defined(CONFIG_NET_IPV6)
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;

	if (zsock_inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		return sizeof(*v6);
	}
#endif
	return -EINVAL;
}

#if defined(CONFIG_LWM2M_DNS_SUPPORT)
static bool is_ip(const struct zsock_addrinfo *info)
{
	return info->ai_family == AF_INET || info->ai_family == AF_INET6;
}

static int looked_up_address(const char *host, uint16_t port, unsigned int index,
			     unsigned int *count, struct sockaddr_storage *address)
{
	const struct zsock_addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM};
	struct zsock_addrinfo *found = NULL;
	int length = -ENOENT;

	if (zsock_getaddrinfo(host, NULL, &hints, &found) != 0) {
		return -EHOSTUNREACH;
	}
	*count = 0U;
	for (const struct zsock_addrinfo *one = found; one != NULL; one = one->ai_next) {
		*count += is_ip(one) ? 1U : 0U;
	}
	index %= MAX(*count, 1U);
	for (const struct zsock_addrinfo *one = found; one != NULL; one = one->ai_next) {
		if (is_ip(one) && index-- == 0U) {
			memcpy(address, one->ai_addr, MIN(one->ai_addrlen, sizeof(*address)));
			/* The port has the same place in both kinds of address. */
			((struct sockaddr_in *)address)->sin_port = htons(port);
			length = (int)one->ai_addrlen;
			break;
		}
	}
	zsock_freeaddrinfo(found);
	return length;
}
#endif

int lwm2m_rs_resolve(const char *host, size_t host_length, uint16_t port, unsigned int index,
		     unsigned int *count, void *address, size_t room)
{
	char name[256];
	struct sockaddr_storage found = {0};
	int length;

	if (host_length >= sizeof(name)) {
		return -EINVAL;
	}
	memcpy(name, host, host_length);
	name[host_length] = '\0';

	*count = 1U;
	length = numeric_address(name, port, &found);
#if defined(CONFIG_LWM2M_DNS_SUPPORT)
	if (length < 0) {
		length = looked_up_address(name, port, index, count, &found);
	}
#else
	ARG_UNUSED(index);
#endif
	if (length > 0) {
		if ((size_t)length > room) {
			return -ENOMEM;
		}
		memcpy(address, &found, (size_t)length);
	}
	return length;
}

int lwm2m_rs_socket(const void *address)
{
	int fd = zsock_socket(((const struct sockaddr *)address)->sa_family, SOCK_DGRAM,
			      IPPROTO_UDP);

	return fd < 0 ? -errno : fd;
}

int lwm2m_rs_connect(int socket, const void *address, size_t length)
{
	return zsock_connect(socket, address, (socklen_t)length) < 0 ? -errno : 0;
}

void lwm2m_rs_close(int socket)
{
	(void)zsock_close(socket);
}

int lwm2m_rs_send(int socket, const uint8_t *data, size_t length)
{
	ssize_t sent = zsock_send(socket, data, length, ZSOCK_MSG_DONTWAIT);

	return sent < 0 ? -errno : (int)sent;
}

int lwm2m_rs_receive(int socket, uint8_t *buffer, size_t room)
{
	ssize_t received = zsock_recv(socket, buffer, room, ZSOCK_MSG_DONTWAIT);

	if (received >= 0) {
		return (int)received;
	}
	if (errno == EAGAIN && (reported & (ZSOCK_POLLERR | ZSOCK_POLLHUP | ZSOCK_POLLNVAL))) {
		/* Or poll would say so for ever. */
		return -EIO;
	}
	return -errno;
}

void lwm2m_rs_wake(void)
{
#if defined(CONFIG_LWM2M_TICKLESS)
	(void)zvfs_eventfd_write(wake_fd, 1);
#endif
	k_sem_give(&wake_up);
}

static int wait_for_sockets(struct zsock_pollfd *fds, size_t count, int64_t timeout)
{
	size_t polled = count;

#if defined(CONFIG_LWM2M_TICKLESS)
	fds[polled++] = (struct zsock_pollfd){.fd = wake_fd, .events = ZSOCK_POLLIN};
#else
	if (timeout < 0 || timeout > POLL_INTERVAL_MS) {
		timeout = POLL_INTERVAL_MS;
	}
#endif
	if (zsock_poll(fds, polled, (int)MIN(timeout, INT32_MAX)) <= 0) {
		return -1;
	}
#if defined(CONFIG_LWM2M_TICKLESS)
	if (fds[count].revents != 0) {
		zvfs_eventfd_t value;

		(void)zvfs_eventfd_read(wake_fd, &value);
	}
#endif
	for (size_t i = 0; i < count; i++) {
		if (fds[i].revents != 0) {
			reported = fds[i].revents;
			return (int)i;
		}
	}
	return -1;
}

int lwm2m_rs_wait(const int *sockets, size_t count, int64_t timeout)
{
	struct zsock_pollfd fds[4 + 1];
	bool any = false;

	if (k_sem_take(&wake_up, K_NO_WAIT) == 0) {
		return -1;
	}
	count = MIN(count, ARRAY_SIZE(fds) - 1);
	for (size_t i = 0; i < count; i++) {
		fds[i] = (struct zsock_pollfd){.fd = sockets[i], .events = ZSOCK_POLLIN};
		any = any || sockets[i] >= 0;
	}
	if (any) {
		return wait_for_sockets(fds, count, timeout);
	}
	(void)k_sem_take(&wake_up, timeout < 0 ? K_FOREVER : K_MSEC(timeout));
	return -1;
}
