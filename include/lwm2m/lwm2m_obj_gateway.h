/* SPDX-License-Identifier: Apache-2.0 */
/* Resources of the Gateway object (25). */

#ifndef LWM2M_OBJ_GATEWAY_H
#define LWM2M_OBJ_GATEWAY_H

#include "lwm2m_object.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LWM2M_GATEWAY_DEVICE_RID 0
#define LWM2M_GATEWAY_PREFIX_RID 1
#define LWM2M_GATEWAY_DEPRECATED_RID 2
#define LWM2M_GATEWAY_IOT_DEVICE_OBJECTS_RID 3

/* Sees a request for a device behind the gateway, and writes the answer into msg->msg_data. */
typedef int (*lwm2m_engine_gateway_msg_cb)(struct lwm2m_message *msg);

#ifdef __cplusplus
}
#endif

#endif /* LWM2M_OBJ_GATEWAY_H */
