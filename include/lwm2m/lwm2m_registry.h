/* SPDX-License-Identifier: Apache-2.0 */
/* Registering objects and their instances. May be called from any thread and any callback. */

#ifndef LWM2M_REGISTRY_H
#define LWM2M_REGISTRY_H

#include "lwm2m_object.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Makes an object known. It must stay until it is unregistered. An object whose id is taken is
 * hidden by the one that came first.
 */
void lwm2m_register_obj(struct lwm2m_engine_obj *obj);

/* Takes an object back; its observations end. Its instances should have been deleted before. */
void lwm2m_unregister_obj(struct lwm2m_engine_obj *obj);

/* Creates an instance with the object's create callback and gives it in *obj_inst, NULL on error.
 * 0, or -EINVAL (a NULL pointer, no create callback), -ENOENT (no such object), -ENOMEM (no more
 * instances), -EEXIST (the callback made none), or the application's create callback's own error.
 */
int lwm2m_create_obj_inst(uint16_t obj_id, uint16_t obj_inst_id,
			  struct lwm2m_engine_obj_inst **obj_inst);

/* Deletes an instance with the delete callbacks; the delete callback may free the instance's
 * memory. 0, or -ENOENT, or the delete callback's own error.
 */
int lwm2m_delete_obj_inst(uint16_t obj_id, uint16_t obj_inst_id);

/* All objects, all instances, in the order of their registration. To be walked with the registry
 * locked.
 */
sys_slist_t *lwm2m_engine_obj_list(void);
sys_slist_t *lwm2m_engine_obj_inst_list(void);

#ifdef __cplusplus
}
#endif

#endif /* LWM2M_REGISTRY_H */
