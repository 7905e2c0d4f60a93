/* SPDX-License-Identifier: Apache-2.0 */
/* Host stand-in: the struct of a ring buffer, in Zephyr's shape. */

#ifndef LWM2M_HOST_SYS_RING_BUFFER_H
#define LWM2M_HOST_SYS_RING_BUFFER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(CONFIG_RING_BUFFER_LARGE)
typedef uint32_t ring_buf_idx_t;
#else
typedef uint16_t ring_buf_idx_t;
#endif

/* One end: claimed up to `head`, finished up to `tail`; `base` is where the buffer began anew. */
struct ring_buf_index {
	ring_buf_idx_t head;
	ring_buf_idx_t tail;
	ring_buf_idx_t base;
};

struct ring_buf {
	uint8_t *buffer;
	struct ring_buf_index put;
	struct ring_buf_index get;
	uint32_t size;
};

#ifdef __cplusplus
}
#endif

#endif /* LWM2M_HOST_SYS_RING_BUFFER_H */
