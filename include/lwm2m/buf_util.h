/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes put into a buffer, and taken out of one. */

#ifndef LWM2M_BUF_UTIL_H
#define LWM2M_BUF_UTIL_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Copies bytes behind the *dst_len there are. 0, -EINVAL (NULL), -ENOMEM. */
static inline int buf_append(uint8_t *dst, uint16_t *dst_len, uint16_t dst_size,
			     const uint8_t *src, uint16_t src_len)
{
	if (dst == NULL || src == NULL) {
		return -EINVAL;
	}
	if (*dst_len > dst_size || src_len > dst_size - *dst_len) {
		return -ENOMEM;
	}
	memcpy(&dst[*dst_len], src, src_len);
	*dst_len = (uint16_t)(*dst_len + src_len);
	return 0;
}

/* Copies bytes to `offset`; what is there moves up. 0, -EINVAL (NULL, or `offset` is not inside),
 * -ENOMEM.
 */
static inline int buf_insert(uint8_t *dst, uint16_t *dst_len, uint16_t dst_size, uint16_t offset,
			     uint8_t *src, uint16_t src_len)
{
	if (dst == NULL || src == NULL || offset > *dst_len) {
		return -EINVAL;
	}
	if (*dst_len > dst_size || src_len > dst_size - *dst_len) {
		return -ENOMEM;
	}
	memmove(&dst[offset + src_len], &dst[offset], (size_t)(*dst_len - offset));
	memcpy(&dst[offset], src, src_len);
	*dst_len = (uint16_t)(*dst_len + src_len);
	return 0;
}

/* Takes `len` bytes from *offset, into nothing for a NULL `dst`, and moves *offset past them. 0,
 * -EINVAL (NULL), -ENODATA (there are fewer).
 */
static inline int buf_read(uint8_t *dst, uint16_t len, uint8_t *src, uint16_t src_len,
			   uint16_t *offset)
{
	if (src == NULL) {
		return -EINVAL;
	}
	if (*offset > src_len || len > src_len - *offset) {
		return -ENODATA;
	}
	if (dst != NULL) {
		memcpy(dst, &src[*offset], len);
	}
	*offset = (uint16_t)(*offset + len);
	return 0;
}

/* The same for what the reader does not want, and for numbers in the machine's own order (u8, u16,
 * u32) or the network's (be16, be32). Without enough bytes a number is left as it is.
 */
static inline int buf_skip(uint16_t len, uint8_t *src, uint16_t src_len, uint16_t *offset)
{
	return buf_read(NULL, len, src, src_len, offset);
}

static inline int buf_read_u8(uint8_t *value, uint8_t *src, uint16_t src_len, uint16_t *offset)
{
	return buf_read(value, sizeof(*value), src, src_len, offset);
}

static inline int buf_read_u16(uint16_t *value, uint8_t *src, uint16_t src_len, uint16_t *offset)
{
	return buf_read((uint8_t *)value, sizeof(*value), src, src_len, offset);
}

static inline int buf_read_be16(uint16_t *value, uint8_t *src, uint16_t src_len, uint16_t *offset)
{
	uint8_t bytes[2];
	int ret = buf_read(bytes, sizeof(bytes), src, src_len, offset);

	if (ret == 0) {
		*value = (uint16_t)(bytes[0] << 8 | bytes[1]);
	}
	return ret;
}

static inline int buf_read_u32(uint32_t *value, uint8_t *src, uint16_t src_len, uint16_t *offset)
{
	return buf_read((uint8_t *)value, sizeof(*value), src, src_len, offset);
}

static inline int buf_read_be32(uint32_t *value, uint8_t *src, uint16_t src_len, uint16_t *offset)
{
	uint8_t bytes[4];
	int ret = buf_read(bytes, sizeof(bytes), src, src_len, offset);

	if (ret == 0) {
		*value = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
			 (uint32_t)bytes[2] << 8 | bytes[3];
	}
	return ret;
}

#ifdef __cplusplus
}
#endif

#endif /* LWM2M_BUF_UTIL_H */
