/* SPDX-License-Identifier: Apache-2.0 */
/* Telling the library that a value changed that it did not see change. */

#ifndef LWM2M_OBSERVATION_H
#define LWM2M_OBSERVATION_H

#include "lwm2m_object.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The value of a resource changed: those who observe it, or something above it, are notified.
 * 1 when somebody observes it, else 0; -EINVAL for a NULL path.
 */
int lwm2m_notify_observer(uint16_t obj_id, uint16_t obj_inst_id, uint16_t res_id);
int lwm2m_notify_observer_path(const struct lwm2m_obj_path *path);

#ifdef __cplusplus
}
#endif

#endif /* LWM2M_OBSERVATION_H */
