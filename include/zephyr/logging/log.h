/* SPDX-License-Identifier: Apache-2.0 */
/* Host stand-in: log lines on standard error, one function call each, filtered at compile time by
 * the level a file registers its module with.
 */

#ifndef LWM2M_HOST_LOGGING_LOG_H
#define LWM2M_HOST_LOGGING_LOG_H

#include <stdio.h>

#include <zephyr/sys/util.h>

#define LOG_LEVEL_NONE 0
#define LOG_LEVEL_ERR 1
#define LOG_LEVEL_WRN 2
#define LOG_LEVEL_INF 3
#define LOG_LEVEL_DBG 4

/* LOG_MODULE_REGISTER(name) or LOG_MODULE_REGISTER(name, level): once in a file. */
#define LWM2M_HOST_LOG_LEVEL(level, ...) level
#define LOG_MODULE_REGISTER(name, ...)                                                             \
	enum { lwm2m_host_log_level = LWM2M_HOST_LOG_LEVEL(__VA_ARGS__ __VA_OPT__(, )              \
							   LOG_LEVEL_INF) };                       \
	static const char lwm2m_host_log_module[] = STRINGIFY(name)
#define LOG_MODULE_DECLARE(name, ...) LOG_MODULE_REGISTER(name, __VA_ARGS__)

#define LWM2M_HOST_LOG(level, tag, format, ...)                                                    \
	do {                                                                                       \
		if ((int)lwm2m_host_log_level >= (level)) {                                        \
			(void)fprintf(stderr, "<" tag "> %s: " format "\n",                        \
				      lwm2m_host_log_module __VA_OPT__(, ) __VA_ARGS__);           \
		}                                                                                  \
	} while (false)

#define LOG_ERR(format, ...) LWM2M_HOST_LOG(LOG_LEVEL_ERR, "err", format, __VA_ARGS__)
#define LOG_WRN(format, ...) LWM2M_HOST_LOG(LOG_LEVEL_WRN, "wrn", format, __VA_ARGS__)
#define LOG_INF(format, ...) LWM2M_HOST_LOG(LOG_LEVEL_INF, "inf", format, __VA_ARGS__)
#define LOG_DBG(format, ...) LWM2M_HOST_LOG(LOG_LEVEL_DBG, "dbg", format, __VA_ARGS__)

#endif /* LWM2M_HOST_LOGGING_LOG_H */
