/* SPDX-License-Identifier: Apache-2.0 */
/* A sample of the data cache: by hand, because its members stand in an anonymous union. */

#ifndef LWM2M_SAMPLE_H
#define LWM2M_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lwm2m_obj_path;

/** One sample of a cached resource. */
struct lwm2m_time_series_elem {
	/** When it was taken, in seconds since 1970. */
	time_t t;
	/** The value, in the member that suits the resource's type. */
	union {
		uint8_t u8;
		uint16_t u16;
		uint32_t u32;
		uint64_t u64;
		int8_t i8;
		int16_t i16;
		int32_t i32;
		int64_t i64;
		time_t time;
		double f;
		bool b;
	};
};

/** Says whether a sample enters the cache. */
typedef bool (*lwm2m_cache_filter_cb_t)(const struct lwm2m_obj_path *path,
					const struct lwm2m_time_series_elem *element);

#ifdef __cplusplus
}
#endif

#endif /* LWM2M_SAMPLE_H */
