/* SPDX-License-Identifier: Apache-2.0 */
/* What LLVM's thread sanitizer calls in instrumented Rust code and GCC 12's runtime lacks: memory
 * functions under names of their own. The plain ones are intercepted by that runtime.
 */

#if defined(__SANITIZE_THREAD__)

#include <string.h>

void *__tsan_memcpy(void *to, const void *from, size_t length);
void *__tsan_memmove(void *to, const void *from, size_t length);
void *__tsan_memset(void *to, int byte, size_t length);

__attribute__((weak)) void *__tsan_memcpy(void *to, const void *from, size_t length)
{
	return memcpy(to, from, length);
}

__attribute__((weak)) void *__tsan_memmove(void *to, const void *from, size_t length)
{
	return memmove(to, from, length);
}

__attribute__((weak)) void *__tsan_memset(void *to, int byte, size_t length)
{
	return memset(to, byte, length);
}

#else

/* ISO C forbids an empty file. */
typedef int nothing_to_add;

#endif
