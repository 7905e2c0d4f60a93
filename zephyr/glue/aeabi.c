/* SPDX-License-Identifier: Apache-2.0 */
/* The names that the run-time ABI of the Arm architecture (IHI 0043) has for memcpy and its
 * siblings, and that Rust calls. Weak, because some C libraries have them too.
 */
#include <stddef.h>
#include <string.h>

#include <zephyr/toolchain.h>

#define NAMES(suffix)                                                                              \
	void __aeabi_memcpy##suffix(void *to, const void *from, size_t length);                    \
	void __aeabi_memmove##suffix(void *to, const void *from, size_t length);                   \
	void __aeabi_memset##suffix(void *to, size_t length, int byte);                            \
	void __aeabi_memclr##suffix(void *to, size_t length);                                      \
                                                                                                   \
	__weak void __aeabi_memcpy##suffix(void *to, const void *from, size_t length)              \
	{                                                                                          \
		(void)memcpy(to, from, length);                                                    \
	}                                                                                          \
                                                                                                   \
	__weak void __aeabi_memmove##suffix(void *to, const void *from, size_t length)             \
	{                                                                                          \
		(void)memmove(to, from, length);                                                   \
	}                                                                                          \
                                                                                                   \
	__weak void __aeabi_memset##suffix(void *to, size_t length, int byte)                      \
	{                                                                                          \
		(void)memset(to, byte, length);                                                    \
	}                                                                                          \
                                                                                                   \
	__weak void __aeabi_memclr##suffix(void *to, size_t length)                                \
	{                                                                                          \
		(void)memset(to, 0, length);                                                       \
	}

NAMES()
NAMES(4)
NAMES(8)
