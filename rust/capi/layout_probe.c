/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled, never run: the object file holds the layout of the structs that applications share, and
 * the C library's error numbers, as text that build.rs (or CMake) reads:
 * the marker, a name, the offset (or number) and the size in five digits each. It compiles against
 * include/ on a host and against Zephyr's own headers in Zephyr.
 */

#include <errno.h>

#include <zephyr/net/lwm2m.h>
#include "lwm2m_object.h"
#include "lwm2m_engine.h"
#include "lwm2m_observation.h"
#include "lwm2m_pull_context.h"
#include "lwm2m_registry.h"

#define DIGITS(value)                                                                              \
	{                                                                                          \
		'0' + (value) / 10000 % 10, '0' + (value) / 1000 % 10, '0' + (value) / 100 % 10,   \
			'0' + (value) / 10 % 10, '0' + (value) % 10, 0                             \
	}

struct row {
	char name[50];
	char offset[6];
	char size[6];
};

#define ROW(variable, text, offset, size)                                                          \
	extern const struct row variable;                                                          \
	const struct row variable = {"LWM2M_LAYOUT:" text, DIGITS(offset), DIGITS(size)}

#define WHOLE(prefix, type)                                                                        \
	ROW(whole_##type, #prefix "_WHOLE", __alignof__(struct type), sizeof(struct type))
#define FIELD(prefix, type, field)                                                                 \
	ROW(prefix##_##field, #prefix "." #field, offsetof(struct type, field),                    \
	    sizeof(((struct type *)0)->field))

#define CONTEXT(field) FIELD(CONTEXT, lwm2m_ctx, field)
#define MESSAGE(field) FIELD(MESSAGE, lwm2m_message, field)

WHOLE(CONTEXT, lwm2m_ctx);
CONTEXT(remote_addr);
CONTEXT(pendings);
CONTEXT(replies);
CONTEXT(pending_sends);
CONTEXT(observer);
CONTEXT(lock);
CONTEXT(processed_req);
CONTEXT(set_socketoptions);
CONTEXT(use_dtls);
CONTEXT(connection_suspended);
CONTEXT(sec_obj_inst);
CONTEXT(srv_obj_inst);
CONTEXT(bootstrap_mode);
CONTEXT(sock_fd);
CONTEXT(fault_cb);
CONTEXT(observe_cb);
CONTEXT(event_cb);
CONTEXT(validate_buf);
CONTEXT(set_socket_state);
#if defined(CONFIG_LWM2M_DTLS_SUPPORT)
CONTEXT(tls_tag);
CONTEXT(desthostname);
CONTEXT(desthostnamelen);
CONTEXT(load_credentials);
#endif
#if defined(CONFIG_LWM2M_QUEUE_MODE_ENABLED)
CONTEXT(queued_messages);
CONTEXT(buffer_client_messages);
#endif

WHOLE(MESSAGE, lwm2m_message);
MESSAGE(node);
MESSAGE(ctx);
MESSAGE(in);
MESSAGE(out);
MESSAGE(path);
MESSAGE(cpkt);
MESSAGE(msg_data);
MESSAGE(pending);
MESSAGE(reply);
MESSAGE(token);
MESSAGE(reply_cb);
MESSAGE(message_timeout_cb);
MESSAGE(send_status_cb);
MESSAGE(mid);
MESSAGE(type);
MESSAGE(code);
MESSAGE(tkl);
MESSAGE(operation);
FIELD(INPUT, lwm2m_input_context, in_cpkt);
FIELD(OUTPUT, lwm2m_output_context, out_cpkt);
WHOLE(PACKET, coap_packet);
FIELD(PACKET, coap_packet, data);
FIELD(PACKET, coap_packet, offset);
FIELD(PACKET, coap_packet, max_len);
FIELD(PACKET, coap_packet, hdr_len);
FIELD(PACKET, coap_packet, opt_len);
FIELD(PACKET, coap_packet, delta);

/* The structs that Rust declares itself; rust/capi/src/layout.rs compares them. */
WHOLE(OBJ_PATH, lwm2m_obj_path);
FIELD(OBJ_PATH, lwm2m_obj_path, obj_id);
FIELD(OBJ_PATH, lwm2m_obj_path, obj_inst_id);
FIELD(OBJ_PATH, lwm2m_obj_path, res_id);
FIELD(OBJ_PATH, lwm2m_obj_path, res_inst_id);
FIELD(OBJ_PATH, lwm2m_obj_path, level);
WHOLE(OBJLNK, lwm2m_objlnk);
FIELD(OBJLNK, lwm2m_objlnk, obj_id);
FIELD(OBJLNK, lwm2m_objlnk, obj_inst);
WHOLE(RES_ITEM, lwm2m_res_item);
FIELD(RES_ITEM, lwm2m_res_item, path);
FIELD(RES_ITEM, lwm2m_res_item, value);
FIELD(RES_ITEM, lwm2m_res_item, size);
WHOLE(OBJ_FIELD, lwm2m_engine_obj_field);
FIELD(OBJ_FIELD, lwm2m_engine_obj_field, res_id);
FIELD(OBJ_FIELD, lwm2m_engine_obj_field, permissions);
FIELD(OBJ_FIELD, lwm2m_engine_obj_field, data_type);
WHOLE(OBJ, lwm2m_engine_obj);
FIELD(OBJ, lwm2m_engine_obj, node);
FIELD(OBJ, lwm2m_engine_obj, fields);
FIELD(OBJ, lwm2m_engine_obj, create_cb);
FIELD(OBJ, lwm2m_engine_obj, delete_cb);
FIELD(OBJ, lwm2m_engine_obj, user_create_cb);
FIELD(OBJ, lwm2m_engine_obj, user_delete_cb);
FIELD(OBJ, lwm2m_engine_obj, obj_id);
FIELD(OBJ, lwm2m_engine_obj, field_count);
FIELD(OBJ, lwm2m_engine_obj, instance_count);
FIELD(OBJ, lwm2m_engine_obj, max_instance_count);
FIELD(OBJ, lwm2m_engine_obj, version_major);
FIELD(OBJ, lwm2m_engine_obj, version_minor);
WHOLE(RES_INST, lwm2m_engine_res_inst);
FIELD(RES_INST, lwm2m_engine_res_inst, data_ptr);
FIELD(RES_INST, lwm2m_engine_res_inst, max_data_len);
FIELD(RES_INST, lwm2m_engine_res_inst, data_len);
FIELD(RES_INST, lwm2m_engine_res_inst, res_inst_id);
FIELD(RES_INST, lwm2m_engine_res_inst, data_flags);
WHOLE(RES, lwm2m_engine_res);
FIELD(RES, lwm2m_engine_res, read_cb);
FIELD(RES, lwm2m_engine_res, pre_write_cb);
FIELD(RES, lwm2m_engine_res, post_write_cb);
FIELD(RES, lwm2m_engine_res, execute_cb);
FIELD(RES, lwm2m_engine_res, res_instances);
FIELD(RES, lwm2m_engine_res, res_id);
FIELD(RES, lwm2m_engine_res, res_inst_count);
FIELD(RES, lwm2m_engine_res, multi_res_inst);
WHOLE(OBJ_INST, lwm2m_engine_obj_inst);
FIELD(OBJ_INST, lwm2m_engine_obj_inst, node);
FIELD(OBJ_INST, lwm2m_engine_obj_inst, obj);
FIELD(OBJ_INST, lwm2m_engine_obj_inst, resources);
FIELD(OBJ_INST, lwm2m_engine_obj_inst, obj_inst_id);
FIELD(OBJ_INST, lwm2m_engine_obj_inst, resource_count);
WHOLE(OBSERVER, observe_node);
FIELD(OBSERVER, observe_node, path_list);
FIELD(OBSERVER, observe_node, token);
FIELD(OBSERVER, observe_node, format);
FIELD(OBSERVER, observe_node, tkl);
WHOLE(OBSERVED_PATH, lwm2m_obj_path_list);
FIELD(OBSERVED_PATH, lwm2m_obj_path_list, path);
WHOLE(INIT_FUNC, lwm2m_init_func);
FIELD(INIT_FUNC, lwm2m_init_func, f);
WHOLE(SERIES_ELEM, lwm2m_time_series_elem);
FIELD(SERIES_ELEM, lwm2m_time_series_elem, t);
WHOLE(SERIES_RES, lwm2m_time_series_resource);
FIELD(SERIES_RES, lwm2m_time_series_resource, path);
FIELD(SERIES_RES, lwm2m_time_series_resource, filter_cb);
FIELD(SERIES_RES, lwm2m_time_series_resource, rb);
WHOLE(RING_BUF, ring_buf);
FIELD(RING_BUF, ring_buf, buffer);
FIELD(RING_BUF, ring_buf, put);
FIELD(RING_BUF, ring_buf, get);
FIELD(RING_BUF, ring_buf, size);

WHOLE(REQUESTING, requesting_object);
FIELD(REQUESTING, requesting_object, obj_inst_id);
FIELD(REQUESTING, requesting_object, is_firmware_uri);
FIELD(REQUESTING, requesting_object, result_cb);
FIELD(REQUESTING, requesting_object, write_cb);
FIELD(REQUESTING, requesting_object, verify_cb);

#define NUMBER(name) ROW(errno_##name, "ERRNO." #name, name, 0)

NUMBER(E2BIG);
NUMBER(EACCES);
NUMBER(EAGAIN);
NUMBER(EALREADY);
NUMBER(EBUSY);
NUMBER(EEXIST);
NUMBER(EFAULT);
NUMBER(EFBIG);
NUMBER(EINPROGRESS);
NUMBER(EINVAL);
NUMBER(EIO);
NUMBER(ENOBUFS);
NUMBER(ENODATA);
NUMBER(ENOENT);
NUMBER(ENOMEM);
NUMBER(ENOMSG);
NUMBER(ENOSYS);
NUMBER(ENOTCONN);
NUMBER(ENOTSUP);
NUMBER(EOPNOTSUPP);
NUMBER(EPERM);
NUMBER(EPROTONOSUPPORT);
