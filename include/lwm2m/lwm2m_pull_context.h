/* SPDX-License-Identifier: Apache-2.0 */
/* What an object that fetches a package says of itself. */

#ifndef LWM2M_PULL_CONTEXT_H
#define LWM2M_PULL_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include <zephyr/net/lwm2m.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LWM2M_PACKAGE_URI_LEN CONFIG_LWM2M_SWMGMT_PACKAGE_URI_LEN

/* Who asks for a package. */
struct requesting_object {
	uint8_t obj_inst_id;
	bool is_firmware_uri;
	/* Hears how it ended: 0 or an error number. */
	void (*result_cb)(uint16_t obj_inst_id, int error_code);
	/* Takes the pieces. */
	lwm2m_engine_set_data_cb_t write_cb;
	/* Judges the whole. */
	int (*verify_cb)(void);
};

#ifdef __cplusplus
}
#endif

#endif /* LWM2M_PULL_CONTEXT_H */
