/* SPDX-License-Identifier: Apache-2.0 */
/* The Access Control object (2): who may do what. Nothing happens, and everything is allowed, while
 * the object is not registered. Any thread.
 */

#ifndef LWM2M_OBJ_ACCESS_CONTROL_H
#define LWM2M_OBJ_ACCESS_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whether the server of a Server instance may carry out an operation, LWM2M_OP_*, on an instance
 * (65535: the object itself). 0, -EACCES (it has not the right), -EPERM (nobody may).
 */
int access_control_check_access(uint16_t obj_id, uint16_t obj_inst_id, uint16_t server_obj_inst,
				uint16_t operation, bool bootstrap_mode);

/* Makes the server of a Server instance, the default one for -1, the owner of an instance or of the
 * object itself; and forgets who owns it.
 */
void access_control_add(uint16_t obj_id, uint16_t obj_inst_id, int server_obj_inst_id);
void access_control_add_obj(uint16_t obj_id, int server_obj_inst_id);
void access_control_remove(uint16_t obj_id, uint16_t obj_inst_id);
void access_control_remove_obj(uint16_t obj_id);

#ifdef __cplusplus
}
#endif

#endif /* LWM2M_OBJ_ACCESS_CONTROL_H */
