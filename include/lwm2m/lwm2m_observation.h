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

#define MAX_TOKEN_LEN 8

/* How the C implementation keeps an observation. The library keeps its own elsewhere; this is for
 * code that names the type.
 */
struct observe_node {
	sys_snode_t node;
	sys_slist_t path_list;
	uint8_t token[MAX_TOKEN_LEN];
	int64_t event_timestamp;
	int64_t last_timestamp;
	struct lwm2m_message *active_notify;
	uint32_t counter;
	uint16_t format;
	uint8_t tkl;
	bool resource_update : 1;
	bool composite : 1;
};

/* Ends the observations of an instance and below, of a whole object for -1; the one that a request
 * with this token began: 0, -EINVAL, -ENOENT. Any thread.
 */
void engine_remove_observer_by_id(uint16_t obj_id, int32_t obj_inst_id);
int engine_remove_observer_by_token(struct lwm2m_ctx *ctx, const uint8_t *token, uint8_t tkl);

/* The name of an attribute, LWM2M_ATTR_*; NULL for another number. */
const char *lwm2m_attr_to_str(uint8_t type);

/* The attribute after `prev` (NULL: the first) of the object, instance, resource or resource instance
 * that `ref` points at, NULL when there is none; its name. The registry must be locked as long as the
 * attribute is used.
 */
struct lwm2m_attr *lwm2m_engine_get_next_attr(const void *ref, struct lwm2m_attr *prev);
const char *lwm2m_engine_get_attr_name(const struct lwm2m_attr *attr);

/* The struct that a path is about. `obj` may be NULL. 0, -EINVAL, -ENOENT, -EEXIST (no such level).
 * The registry must be locked as long as *ref is used.
 */
int lwm2m_get_path_reference_ptr(struct lwm2m_engine_obj *obj, const struct lwm2m_obj_path *path,
				 void **ref);

/* Lists of paths, sorted and without duplicates, and of nodes that wait to be used. They belong to
 * the caller, who keeps other threads away.
 */
struct lwm2m_obj_path_list {
	sys_snode_t node;
	struct lwm2m_obj_path path;
};

/* Empties both lists and puts the nodes into the second. */
void lwm2m_engine_path_list_init(sys_slist_t *lwm2m_path_list, sys_slist_t *lwm2m_free_list,
				 struct lwm2m_obj_path_list path_object_buf[],
				 uint8_t path_object_size);

/* Adds a path; the root takes the place of all others. 0, also when it is there already; -1 when no
 * node is left; -EINVAL for NULL.
 */
int lwm2m_engine_add_path_to_list(sys_slist_t *lwm2m_path_list, sys_slist_t *lwm2m_free_list,
				  const struct lwm2m_obj_path *path);

/* Moves what lies below another path of the list to the second list. */
void lwm2m_engine_clear_duplicate_path(sys_slist_t *lwm2m_path_list, sys_slist_t *lwm2m_free_list);

#ifdef __cplusplus
}
#endif

#endif /* LWM2M_OBSERVATION_H */
