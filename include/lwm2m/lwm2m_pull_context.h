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
	/* Not called. */
	int (*verify_cb)(void);
};

/* Begins to fetch a package over CoAP: 0; -EINVAL without a callback or URI; -EALREADY while another
 * one is fetched. How it ended is told to result_cb: 0; -ENOTSUP for a URI that is none or names
 * nothing, -EPROTONOSUPPORT for a scheme that is not spoken here, -ENOMSG when the connection was
 * lost or the package refused, -EFAULT when the blocks make no package; what opening the connection
 * or write_cb said. The URI has less than LWM2M_PACKAGE_URI_LEN characters; the timeout is not used.
 * Any thread.
 */
int lwm2m_pull_context_start_transfer(char *uri, struct requesting_object req, k_timeout_t timeout);

#ifdef __cplusplus
}
#endif

#endif /* LWM2M_PULL_CONTEXT_H */
