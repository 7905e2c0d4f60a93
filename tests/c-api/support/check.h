/* SPDX-License-Identifier: Apache-2.0 */
/* Assertions that go on after a failure and count it. */

#ifndef CHECK_H
#define CHECK_H

#include <stdatomic.h>
#include <stdio.h>

extern atomic_int check_failures;

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			atomic_fetch_add(&check_failures, 1);                                      \
			(void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);      \
		}                                                                                  \
	} while (0)

/* Both are integers. */
#define CHECK_EQUAL(actual, expected)                                                              \
	do {                                                                                       \
		long long actual_value = (long long)(actual);                                      \
		long long expected_value = (long long)(expected);                                  \
                                                                                                   \
		if (actual_value != expected_value) {                                              \
			atomic_fetch_add(&check_failures, 1);                                      \
			(void)fprintf(stderr, "%s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__, \
				      #actual, actual_value, expected_value);                      \
		}                                                                                  \
	} while (0)

/* What main returns. */
#define CHECK_RESULT() (atomic_load(&check_failures) == 0 ? 0 : 1)

#endif /* CHECK_H */
