/* SPDX-License-Identifier: Apache-2.0 */
/* Where a panic ends, and a symbol that a Rust archive built to abort refers to and never uses. */
#include <zephyr/kernel.h>

FUNC_NORETURN void lwm2m_rs_fatal(void);
__weak void rust_eh_personality(void);

FUNC_NORETURN void lwm2m_rs_fatal(void)
{
	k_panic();
	CODE_UNREACHABLE;
}

__weak void rust_eh_personality(void)
{
}
