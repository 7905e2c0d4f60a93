/* SPDX-License-Identifier: Apache-2.0 */
/* Host stand-in: the small macros of Zephyr's utility header that this library's headers use. */

#ifndef LWM2M_HOST_SYS_UTIL_H
#define LWM2M_HOST_SYS_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef BIT
#define BIT(n) (1UL << (n))
#endif

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif

#ifndef ARG_UNUSED
#define ARG_UNUSED(x) ((void)(x))
#endif

#ifndef MIN
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#endif

#ifndef MAX
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#endif

/* The struct of type `type` whose member `member` is at `ptr`. */
#ifndef CONTAINER_OF
#define CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr) - offsetof(type, member)))
#endif

/* Text of an argument, and two tokens made one, after the arguments were expanded. */
#define LWM2M_HOST_TEXT(x) #x
#define LWM2M_HOST_JOIN(a, b) a##b
#ifndef STRINGIFY
#define STRINGIFY(x) LWM2M_HOST_TEXT(x)
#endif
#define LWM2M_HOST_PASTE(a, b) LWM2M_HOST_JOIN(a, b)

/* 1 for a configuration symbol that is set to `y` (the macro 1), else 0; also where it is not
 * defined at all.
 */
#define LWM2M_HOST_SECOND(ignored, value, ...) value
#define LWM2M_HOST_SHIFT_1 ,
#define LWM2M_HOST_IS_ONE(shift) LWM2M_HOST_SECOND(shift 1, 0, 0)
#define LWM2M_HOST_IS_SET(value) LWM2M_HOST_IS_ONE(LWM2M_HOST_JOIN(LWM2M_HOST_SHIFT_, value))
#ifndef IS_ENABLED
#define IS_ENABLED(config) LWM2M_HOST_IS_SET(config)
#endif

#ifndef BUILD_ASSERT
#ifdef __cplusplus
#define BUILD_ASSERT(condition, ...) static_assert(condition, "" __VA_ARGS__)
#else
#define BUILD_ASSERT(condition, ...) _Static_assert(condition, "" __VA_ARGS__)
#endif
#endif

#endif /* LWM2M_HOST_SYS_UTIL_H */
