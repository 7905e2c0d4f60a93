/* SPDX-License-Identifier: Apache-2.0 */
/* Host stand-in: struct k_mutex with Zephyr's shape, because struct lwm2m_ctx contains one. The
 * library does not use it, and there are no functions for it on a host: use the host's own locks.
 */

#ifndef LWM2M_HOST_SYS_MUTEX_H
#define LWM2M_HOST_SYS_MUTEX_H

#include <stdint.h>

struct k_thread;

struct k_mutex {
	struct {
		void *head;
		void *tail;
	} wait_q;
	struct k_thread *owner;
	uint32_t lock_count;
	int owner_orig_prio;
};

#endif /* LWM2M_HOST_SYS_MUTEX_H */
