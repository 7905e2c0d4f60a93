/* SPDX-License-Identifier: Apache-2.0 */
/* Registering objects and their instances. May be called from any thread and any callback. */

#ifndef LWM2M_REGISTRY_H
#define LWM2M_REGISTRY_H

#include <zephyr/sys/ring_buffer.h>

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

/* Where a path leads: object, instance, resource, resource instance; NULL when there is no such
 * thing or the path is too short. The result is good until the next callback or change, so the
 * registry must be locked.
 */
struct lwm2m_engine_obj *lwm2m_engine_get_obj(const struct lwm2m_obj_path *path);
struct lwm2m_engine_obj_inst *lwm2m_engine_get_obj_inst(const struct lwm2m_obj_path *path);
struct lwm2m_engine_res *lwm2m_engine_get_res(const struct lwm2m_obj_path *path);
struct lwm2m_engine_res_inst *lwm2m_engine_get_res_inst(const struct lwm2m_obj_path *path);

/* The same by numbers; the last one gives the instance with the smallest id above `obj_inst_id`,
 * which may be -1.
 */
struct lwm2m_engine_obj *get_engine_obj(int obj_id);
struct lwm2m_engine_obj_inst *get_engine_obj_inst(int obj_id, int obj_inst_id);
struct lwm2m_engine_obj_inst *next_engine_obj_inst(int obj_id, int obj_inst_id);

/* The definition of a resource of the object, NULL when it has none of this id. */
struct lwm2m_engine_obj_field *lwm2m_get_engine_obj_field(struct lwm2m_engine_obj *obj, int res_id);

/* All of it at once; what the caller does not want may be NULL. A resource instance that does not
 * exist is no error: *res_inst is left as it is.
 * 0, or -EINVAL (NULL path, an instance without resources), -ENOENT.
 */
int path_to_objs(const struct lwm2m_obj_path *path, struct lwm2m_engine_obj_inst **obj_inst,
		 struct lwm2m_engine_obj_field **obj_field, struct lwm2m_engine_res **res,
		 struct lwm2m_engine_res_inst **res_inst);

/* The resource a path of three or four numbers leads to. 0, -EINVAL, -ENOENT. */
int lwm2m_get_resource(const struct lwm2m_obj_path *path, struct lwm2m_engine_res **res);

/* Resource and resource instance; creates the latter if the path has four numbers.
 * 0, -EINVAL, -ENOENT, -ENOMEM.
 */
int lwm2m_engine_get_create_res_inst(const struct lwm2m_obj_path *path,
				     struct lwm2m_engine_res **res,
				     struct lwm2m_engine_res_inst **res_inst);

/* The binding, such as "U", and the queue mode, "Q" or nothing, as text: at least three and two
 * bytes of room.
 */
void lwm2m_engine_get_binding(char *binding);
void lwm2m_engine_get_queue_mode(char *queue);

/* Whether a server has to be told the object's version. */
bool lwm2m_engine_shall_report_obj_version(const struct lwm2m_engine_obj *obj);

/* A cached resource. */
struct lwm2m_time_series_resource {
	sys_snode_t node;
	struct lwm2m_obj_path path;
	lwm2m_cache_filter_cb_t filter_cb;
	struct ring_buf rb;
};

#if defined(CONFIG_LWM2M_RESOURCE_DATA_CACHE_SUPPORT)
/* How many samples of all resources together go into a message that did not take all of them. */
#define LWM2M_LIMITED_TIMESERIES_RESOURCE_COUNT 20

/* Up to where a message has read the cache. */
struct lwm2m_cache_read_entry {
	struct lwm2m_time_series_resource *cache_data;
	struct ring_buf_index original_rb_get;
};

struct lwm2m_cache_read_info {
	struct lwm2m_cache_read_entry read_info[CONFIG_LWM2M_MAX_CACHED_RESOURCES];
	int entry_limit;
	int entry_size;
};
#endif

/* The entry of a cached resource; NULL when it is not cached, or for NULL. */
struct lwm2m_time_series_resource *
lwm2m_cache_entry_get_by_object(const struct lwm2m_obj_path *obj_path);

/* Appends a sample. When there is no room, the oldest one goes, or with
 * CONFIG_LWM2M_CACHE_DROP_LATEST this one. Whether it is in.
 */
bool lwm2m_cache_write(struct lwm2m_time_series_resource *cache_entry,
		       struct lwm2m_time_series_elem *buf);

/* Takes the oldest sample out; false: there is none. */
bool lwm2m_cache_read(struct lwm2m_time_series_resource *cache_entry,
		      struct lwm2m_time_series_elem *buf);

/* How many samples there are. */
size_t lwm2m_cache_size(const struct lwm2m_time_series_resource *cache_entry);

#ifdef __cplusplus
}
#endif

#endif /* LWM2M_REGISTRY_H */
