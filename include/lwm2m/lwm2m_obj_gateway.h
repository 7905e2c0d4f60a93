/* SPDX-License-Identifier: Apache-2.0 */
/* The Gateway object (25): its resources, and answering for the devices behind it. */

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

/* Answers a request for a device behind the gateway. msg->path is the path without the prefix,
 * msg->in.in_cpkt the request; lwm2m_init_message() begins the answer in msg->out.out_cpkt, whose
 * bytes are msg->msg_data, after msg->code was set. 0: it is to be sent; else an error number, which
 * becomes a response code; -ENOENT: the request is handled as any other.
 */
typedef int (*lwm2m_engine_gateway_msg_cb)(struct lwm2m_message *msg);

/* Registers who answers for the device of an instance; NULL: nobody. 0, or -ENOENT. Any thread; the
 * callback runs in the library's thread with the registry locked.
 */
int lwm2m_register_gw_callback(uint16_t obj_inst_id, lwm2m_engine_gateway_msg_cb cb);

/* Has the request answered if it is for such a device: what the callback returned; -ENOENT: it is for
 * none, or nobody answers; -EINVAL: no request, or no path behind the prefix.
 */
int lwm2m_gw_handle_req(struct lwm2m_message *msg);

#ifdef __cplusplus
}
#endif

#endif /* LWM2M_OBJ_GATEWAY_H */
