/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers, paths and tokens as text and bytes. Any thread; nothing is locked. */

#ifndef LWM2M_UTIL_H
#define LWM2M_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zephyr/net/lwm2m.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A number as binary32 and binary64, the most significant byte first; `len` is 4 or 8. 0 or
 * -EINVAL.
 */
int lwm2m_float_to_b32(double *in, uint8_t *b32, size_t len);
int lwm2m_float_to_b64(double *in, uint8_t *b64, size_t len);
int lwm2m_b32_to_float(uint8_t *b32, size_t len, double *out);
int lwm2m_b64_to_float(uint8_t *b64, size_t len, double *out);

/* A decimal number with or without a fraction. 0 or -EINVAL. */
int lwm2m_atof(const char *input, double *out);

/* The text of a number with at most `dec_limit` digits behind the point; as many as there are for
 * 0. The length of the text, which was cut if that is not less than `outlen`; -EINVAL for NULL.
 */
int lwm2m_ftoa(double *input, char *out, size_t outlen, int8_t dec_limit);

/* The number that the first digits are, modulo 65536; in *len how many there are. */
uint16_t lwm2m_atou16(const uint8_t *buf, uint16_t buflen, uint16_t *len);

/* A path from a text such as 3/0/1, its numbers separated by `delim`. 0 or -EINVAL. */
int lwm2m_string_to_path(const char *pathstr, struct lwm2m_obj_path *path, char delim);

/* Whether two paths have the same level and the same numbers down to it. */
bool lwm2m_obj_path_equal(const struct lwm2m_obj_path *a, const struct lwm2m_obj_path *b);

/* A token as hexadecimal digits. The text is good until the next call, of whatever thread. */
char *sprint_token(const uint8_t *token, uint8_t tkl);

#ifdef __cplusplus
}
#endif

#endif /* LWM2M_UTIL_H */
