/* SPDX-License-Identifier: Apache-2.0 */
/* Host stand-in: printk writes to standard output. */

#ifndef LWM2M_HOST_SYS_PRINTK_H
#define LWM2M_HOST_SYS_PRINTK_H

#include <stdio.h>

#define printk(...) ((void)printf(__VA_ARGS__))
#define snprintk(...) snprintf(__VA_ARGS__)

#endif /* LWM2M_HOST_SYS_PRINTK_H */
