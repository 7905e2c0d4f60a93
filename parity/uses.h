/* SPDX-License-Identifier: Apache-2.0 */
/* What the `use` column of macros.tsv is written with. */

#ifndef PARITY_USES_H
#define PARITY_USES_H

/* For the macros whose header leaves the structs they need to others. */
#include <zephyr/net/lwm2m.h>

#define PARITY_JOIN_(a, b) a##b
#define PARITY_JOIN(a, b) PARITY_JOIN_(a, b)

/* A function that nobody calls. */
#define USE static void __attribute__((unused)) PARITY_JOIN(use_, __COUNTER__)(void)

/* A function that a macro's several arguments fit. */
#define TAKE(name, ...) void name(__VA_ARGS__);

#define SAME(constant, value)                                                                      \
	_Static_assert((constant) == (value), #constant " is not " #value);

#define TEXT(literal, text)                                                                        \
	_Static_assert(__builtin_strcmp((literal), (text)) == 0, #literal " is not " #text);

#endif /* PARITY_USES_H */
