/* SPDX-License-Identifier: Apache-2.0 */
/* Host stand-in: the few kernel functions a small application needs, on POSIX clocks. */

#ifndef LWM2M_HOST_KERNEL_H
#define LWM2M_HOST_KERNEL_H

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <zephyr/sys/mutex.h>
#include <zephyr/sys/printk.h>
#include <zephyr/sys/slist.h>
#include <zephyr/sys/util.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A span of time. In Zephyr it counts ticks; here milliseconds. */
typedef struct {
	int64_t ticks;
} k_timeout_t;

#define K_MSEC(milliseconds) ((k_timeout_t){.ticks = (milliseconds)})
#define K_SECONDS(seconds) K_MSEC((int64_t)(seconds) * 1000)
#define K_MINUTES(minutes) K_SECONDS((int64_t)(minutes) * 60)
#define K_NO_WAIT K_MSEC(0)
#define K_FOREVER K_MSEC(-1)

/* A point in time: 0 is past, the largest is never. */
typedef struct {
	uint64_t tick;
} k_timepoint_t;

/* Something to be done, and the function that does it. */
struct k_work;
typedef void (*k_work_handler_t)(struct k_work *work);

/* Sleeps for so many milliseconds. Returns what is left when a signal ended the sleep early. */
static inline int32_t k_msleep(int32_t milliseconds)
{
	struct timespec span;
	struct timespec left;

	if (milliseconds <= 0) {
		return 0;
	}
	span.tv_sec = milliseconds / 1000;
	span.tv_nsec = (long)(milliseconds % 1000) * 1000000L;
	if (nanosleep(&span, &left) == 0) {
		return 0;
	}
	return (int32_t)(left.tv_sec * 1000 + left.tv_nsec / 1000000L);
}

/* Sleeps for `timeout`; K_FOREVER sleeps until a signal arrives. */
static inline int32_t k_sleep(k_timeout_t timeout)
{
	if (timeout.ticks < 0 || timeout.ticks > INT32_MAX) {
		return k_msleep(INT32_MAX);
	}
	return k_msleep((int32_t)timeout.ticks);
}

/* Milliseconds on a clock that never goes back. */
static inline int64_t k_uptime_get(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000L;
}

static inline uint32_t k_uptime_get_32(void)
{
	return (uint32_t)k_uptime_get();
}

/* When a span ends that begins now, and whether that time has come. */
static inline k_timepoint_t sys_timepoint_calc(k_timeout_t timeout)
{
	k_timepoint_t end;

	end.tick = 0;
	if (timeout.ticks < 0) {
		end.tick = UINT64_MAX;
	} else if (timeout.ticks > 0) {
		end.tick = (uint64_t)k_uptime_get() + (uint64_t)timeout.ticks;
	}
	return end;
}

static inline bool sys_timepoint_expired(k_timepoint_t timepoint)
{
	return (uint64_t)k_uptime_get() >= timepoint.tick;
}

#ifdef __cplusplus
}
#endif

#endif /* LWM2M_HOST_KERNEL_H */
