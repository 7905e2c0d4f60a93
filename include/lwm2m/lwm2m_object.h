/* SPDX-License-Identifier: Apache-2.0 */
/* Objects as their authors write them: definitions of resources, the structs that hold instances,
 * resources and their values, and the macros that fill them in. Also the message struct behind
 * lwm2m_ctx.processed_req.
 */

#ifndef LWM2M_OBJECT_H
#define LWM2M_OBJECT_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <zephyr/net/coap.h>
#include <zephyr/net/lwm2m.h>
#include <zephyr/sys/slist.h>
#include <zephyr/sys/util.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Room for the text of object, instance, resource, and resource instance. */
#define MAX_RESOURCE_LEN 20

/* Operations; those below 8 are bits of a resource's permissions. */
#define LWM2M_OP_READ 0
#define LWM2M_OP_WRITE 1
#define LWM2M_OP_CREATE 2
#define LWM2M_OP_DELETE 3
#define LWM2M_OP_EXECUTE 4
#define LWM2M_FLAG_OPTIONAL 7
#define LWM2M_OP_DISCOVER 8
#define LWM2M_OP_WRITE_ATTR 9

/* Permissions: readable, writable, executable, and the same for an optional resource. */
#define LWM2M_PERM_R BIT(LWM2M_OP_READ)
#define LWM2M_PERM_W (BIT(LWM2M_OP_WRITE) | BIT(LWM2M_OP_CREATE))
#define LWM2M_PERM_X BIT(LWM2M_OP_EXECUTE)
#define LWM2M_PERM_RW (LWM2M_PERM_R | LWM2M_PERM_W)
#define LWM2M_PERM_RWX (LWM2M_PERM_RW | LWM2M_PERM_X)
#define LWM2M_PERM_R_OPT (LWM2M_PERM_R | BIT(LWM2M_FLAG_OPTIONAL))
#define LWM2M_PERM_W_OPT (LWM2M_PERM_W | BIT(LWM2M_FLAG_OPTIONAL))
#define LWM2M_PERM_X_OPT (LWM2M_PERM_X | BIT(LWM2M_FLAG_OPTIONAL))
#define LWM2M_PERM_RW_OPT (LWM2M_PERM_RW | BIT(LWM2M_FLAG_OPTIONAL))
#define LWM2M_PERM_RWX_OPT (LWM2M_PERM_RWX | BIT(LWM2M_FLAG_OPTIONAL))

/* Whether a definition has all of these permissions. */
#define LWM2M_HAS_PERM(of, p) (((of)->permissions & (p)) == (p))

/* Attributes of a path. */
#define LWM2M_ATTR_PMIN 0
#define LWM2M_ATTR_PMAX 1
#define LWM2M_ATTR_GT 2
#define LWM2M_ATTR_LT 3
#define LWM2M_ATTR_STEP 4
#define NR_LWM2M_ATTR 5

/* Flags of a writer, for writers that an author brings along. */
#define WRITER_OUTPUT_VALUE 1
#define WRITER_RESOURCE_INSTANCE 2

/* The buffer of a packet: as arguments of a function that writes or reads there, the place to write
 * to, the room that is left; and the rest of an input context's packet.
 */
#define CPKT_BUF_WRITE(cpkt) (cpkt)->data, &(cpkt)->offset, (cpkt)->max_len
#define CPKT_BUF_READ(cpkt) (cpkt)->data, (cpkt)->max_len
#define CPKT_BUF_W_PTR(cpkt) ((cpkt)->data + (cpkt)->offset)
#define CPKT_BUF_W_SIZE(cpkt) ((cpkt)->max_len - (cpkt)->offset)
#define CPKT_BUF_W_REGION(cpkt) CPKT_BUF_W_PTR(cpkt), CPKT_BUF_W_SIZE(cpkt)
#define ICTX_BUF_R_LEFT_SZ(i_ctx) ((i_ctx)->in_cpkt->max_len - (i_ctx)->offset)
#define ICTX_BUF_R_PTR(i_ctx) ((i_ctx)->in_cpkt->data + (i_ctx)->offset)
#define ICTX_BUF_R_REGION(i_ctx) ICTX_BUF_R_PTR(i_ctx), ICTX_BUF_R_LEFT_SZ(i_ctx)

/* Types of values. */
#define LWM2M_RES_TYPE_NONE 0
#define LWM2M_RES_TYPE_OPAQUE 1
#define LWM2M_RES_TYPE_STRING 2
#define LWM2M_RES_TYPE_UINT 3
#define LWM2M_RES_TYPE_U32 3
#define LWM2M_RES_TYPE_U16 4
#define LWM2M_RES_TYPE_U8 5
#define LWM2M_RES_TYPE_INT64 6
#define LWM2M_RES_TYPE_S64 6
#define LWM2M_RES_TYPE_INT 7
#define LWM2M_RES_TYPE_S32 7
#define LWM2M_RES_TYPE_S16 8
#define LWM2M_RES_TYPE_S8 9
#define LWM2M_RES_TYPE_BOOL 10
#define LWM2M_RES_TYPE_TIME 11
#define LWM2M_RES_TYPE_FLOAT 12
#define LWM2M_RES_TYPE_OBJLNK 13

/* How many numbers a path has. */
#define LWM2M_PATH_LEVEL_NONE 0
#define LWM2M_PATH_LEVEL_OBJECT 1
#define LWM2M_PATH_LEVEL_OBJECT_INST 2
#define LWM2M_PATH_LEVEL_RESOURCE 3
#define LWM2M_PATH_LEVEL_RESOURCE_INST 4

/* Definitions of resources: OBJ_FIELD_DATA(5700, RW, FLOAT), OBJ_FIELD_EXECUTE(4). */
#define OBJ_FIELD(_id, _perm, _type)                                                               \
	{                                                                                          \
		.res_id = _id, .permissions = LWM2M_PERM_##_perm,                                  \
		.data_type = LWM2M_RES_TYPE_##_type,                                               \
	}
#define OBJ_FIELD_DATA(res_id, perm, type) OBJ_FIELD(res_id, perm, type)
#define OBJ_FIELD_EXECUTE(res_id) OBJ_FIELD(res_id, X, NONE)
#define OBJ_FIELD_EXECUTE_OPT(res_id) OBJ_FIELD(res_id, X_OPT, NONE)

struct lwm2m_engine_obj;
struct lwm2m_engine_obj_inst;
struct lwm2m_message;
struct lwm2m_reader;
struct lwm2m_writer;

/* What a resource of an object is. */
struct lwm2m_engine_obj_field {
	uint16_t res_id;
	uint8_t permissions;
	uint8_t data_type;
};

/* Makes an instance: a struct with its resources filled in, or NULL when the id is taken. */
typedef struct lwm2m_engine_obj_inst *(*lwm2m_engine_obj_create_cb_t)(uint16_t obj_inst_id);

/* An object. */
struct lwm2m_engine_obj {
	sys_snode_t node;

	struct lwm2m_engine_obj_field *fields;

	lwm2m_engine_obj_create_cb_t create_cb;
	lwm2m_engine_user_cb_t delete_cb;
	lwm2m_engine_user_cb_t user_create_cb;
	lwm2m_engine_user_cb_t user_delete_cb;

	uint16_t obj_id;
	uint16_t field_count;
	uint16_t instance_count;
	uint16_t max_instance_count;

	uint8_t version_major;
	uint8_t version_minor;

	/* Whether the enabler itself defines it. */
	bool is_core : 1;
};

/* An attribute of an object, instance, resource or resource instance. */
struct lwm2m_attr {
	void *ref;
	union {
		double float_val;
		int32_t int_val;
	};
	uint8_t type;
};

/* In res_inst_id: the resource instance does not exist. */
#define RES_INSTANCE_NOT_CREATED 65535

/* The value of a resource instance. */
struct lwm2m_engine_res_inst {
	void *data_ptr;
	uint16_t max_data_len;
	uint16_t data_len;
	uint16_t res_inst_id;
	uint8_t data_flags;
};

/* A resource. */
struct lwm2m_engine_res {
	lwm2m_engine_get_data_cb_t read_cb;
	lwm2m_engine_get_data_cb_t pre_write_cb;
#if CONFIG_LWM2M_ENGINE_VALIDATION_BUFFER_SIZE > 0
	lwm2m_engine_set_data_cb_t validate_cb;
#endif
	lwm2m_engine_set_data_cb_t post_write_cb;
	lwm2m_engine_execute_cb_t execute_cb;

	struct lwm2m_engine_res_inst *res_instances;
	uint16_t res_id;
	uint8_t res_inst_count;
	bool multi_res_inst;
};

/* An object instance. */
struct lwm2m_engine_obj_inst {
	sys_snode_t node;

	struct lwm2m_engine_obj *obj;
	struct lwm2m_engine_res *resources;

	uint16_t obj_inst_id;
	uint16_t resource_count;
};

/* Marks resource instances as not there. */
static inline void init_res_instance(struct lwm2m_engine_res_inst *ri, size_t ri_len)
{
	(void)memset(ri, 0, ri_len * sizeof(*ri));
	for (size_t i = 0; i < ri_len; i++) {
		ri[i].res_inst_id = RES_INSTANCE_NOT_CREATED;
	}
}

/* What follows fills in the resource number `_r_idx` of the array `_r_ptr` and its resource
 * instances, the next `_ri_count` of the array `_ri_ptr` from `_ri_idx` on, and moves both numbers
 * past them. `_ri_create` tells whether the resource instances exist from the beginning. The
 * values lie one after another at `_data_ptr`, with room of `_data_sz` for each.
 */
#if CONFIG_LWM2M_ENGINE_VALIDATION_BUFFER_SIZE > 0
#define LWM2M_RES_SET_VALIDATE(_res, _val_cb) (_res).validate_cb = (_val_cb)
#else
#define LWM2M_RES_SET_VALIDATE(_res, _val_cb) (void)(_val_cb)
#endif

#define _INIT_OBJ_RES(_id, _r_ptr, _r_idx, _ri_ptr, _ri_count, _multi_ri, _r_cb, _pre_w_cb,        \
		      _val_cb, _post_w_cb, _ex_cb)                                                 \
	do {                                                                                       \
		(_r_ptr)[_r_idx].read_cb = (_r_cb);                                                \
		(_r_ptr)[_r_idx].pre_write_cb = (_pre_w_cb);                                       \
		LWM2M_RES_SET_VALIDATE((_r_ptr)[_r_idx], _val_cb);                                 \
		(_r_ptr)[_r_idx].post_write_cb = (_post_w_cb);                                     \
		(_r_ptr)[_r_idx].execute_cb = (_ex_cb);                                            \
		(_r_ptr)[_r_idx].res_instances = (_ri_ptr);                                        \
		(_r_ptr)[_r_idx].res_id = (_id);                                                   \
		(_r_ptr)[_r_idx].res_inst_count = (_ri_count);                                     \
		(_r_ptr)[_r_idx].multi_res_inst = (_multi_ri);                                     \
	} while (false)

#define _INIT_OBJ_RES_INST(_ri_ptr, _ri_idx, _ri_count, _ri_create, _data_ptr, _data_sz,           \
			   _data_len)                                                              \
	do {                                                                                       \
		for (unsigned int _i = 0; _i < (unsigned int)(_ri_count); _i++) {                  \
			struct lwm2m_engine_res_inst *_ri = &(_ri_ptr)[(_ri_idx) + _i];            \
                                                                                                   \
			_ri->data_ptr = (uint8_t *)(_data_ptr) + _i * (_data_sz);                  \
			_ri->max_data_len = (_data_sz);                                            \
			_ri->data_len = (_data_len);                                               \
			_ri->res_inst_id = (_ri_create) ? _i : RES_INSTANCE_NOT_CREATED;           \
		}                                                                                  \
		(_ri_idx) += (_ri_count);                                                          \
	} while (false)

#define _INIT_OBJ_RES_INST_OPT(_ri_ptr, _ri_idx, _ri_count, _ri_create)                            \
	_INIT_OBJ_RES_INST(_ri_ptr, _ri_idx, _ri_count, _ri_create, NULL, 0, 0)

#define INIT_OBJ_RES_LEN(_id, _r_ptr, _r_idx, _ri_ptr, _ri_idx, _ri_count, _multi_ri, _ri_create,  \
			 _data_ptr, _data_sz, _data_len, _r_cb, _pre_w_cb, _val_cb, _post_w_cb,    \
			 _ex_cb)                                                                   \
	do {                                                                                       \
		_INIT_OBJ_RES(_id, _r_ptr, _r_idx, &(_ri_ptr)[_ri_idx], _ri_count, _multi_ri,      \
			      _r_cb, _pre_w_cb, _val_cb, _post_w_cb, _ex_cb);                      \
		_INIT_OBJ_RES_INST(_ri_ptr, _ri_idx, _ri_count, _ri_create, _data_ptr, _data_sz,   \
				   _data_len);                                                     \
		(_r_idx)++;                                                                        \
	} while (false)

#define INIT_OBJ_RES(_id, _r_ptr, _r_idx, _ri_ptr, _ri_idx, _ri_count, _multi_ri, _ri_create,      \
		     _data_ptr, _data_len, _r_cb, _pre_w_cb, _val_cb, _post_w_cb, _ex_cb)          \
	INIT_OBJ_RES_LEN(_id, _r_ptr, _r_idx, _ri_ptr, _ri_idx, _ri_count, _multi_ri, _ri_create,  \
			 _data_ptr, _data_len, _data_len, _r_cb, _pre_w_cb, _val_cb, _post_w_cb,   \
			 _ex_cb)

#define INIT_OBJ_RES_OPT(_id, _r_ptr, _r_idx, _ri_ptr, _ri_idx, _ri_count, _multi_ri, _ri_create,  \
			 _r_cb, _pre_w_cb, _val_cb, _post_w_cb, _ex_cb)                            \
	INIT_OBJ_RES_LEN(_id, _r_ptr, _r_idx, _ri_ptr, _ri_idx, _ri_count, _multi_ri, _ri_create,  \
			 NULL, 0, 0, _r_cb, _pre_w_cb, _val_cb, _post_w_cb, _ex_cb)

/* A multiple resource without callbacks. */
#define INIT_OBJ_RES_MULTI_DATA_LEN(_id, _r_ptr, _r_idx, _ri_ptr, _ri_idx, _ri_count, _ri_create,  \
				    _data_ptr, _data_sz, _data_len)                                \
	INIT_OBJ_RES_LEN(_id, _r_ptr, _r_idx, _ri_ptr, _ri_idx, _ri_count, true, _ri_create,       \
			 _data_ptr, _data_sz, _data_len, NULL, NULL, NULL, NULL, NULL)
#define INIT_OBJ_RES_MULTI_DATA(_id, _r_ptr, _r_idx, _ri_ptr, _ri_idx, _ri_count, _ri_create,      \
				_data_ptr, _data_len)                                              \
	INIT_OBJ_RES_MULTI_DATA_LEN(_id, _r_ptr, _r_idx, _ri_ptr, _ri_idx, _ri_count, _ri_create,  \
				    _data_ptr, _data_len, _data_len)
#define INIT_OBJ_RES_MULTI_OPTDATA(_id, _r_ptr, _r_idx, _ri_ptr, _ri_idx, _ri_count, _ri_create)   \
	INIT_OBJ_RES_OPT(_id, _r_ptr, _r_idx, _ri_ptr, _ri_idx, _ri_count, true, _ri_create, NULL, \
			 NULL, NULL, NULL, NULL)

/* A single resource without callbacks. */
#define INIT_OBJ_RES_DATA_LEN(_id, _r_ptr, _r_idx, _ri_ptr, _ri_idx, _data_ptr, _data_sz,          \
			      _data_len)                                                           \
	INIT_OBJ_RES_LEN(_id, _r_ptr, _r_idx, _ri_ptr, _ri_idx, 1U, false, true, _data_ptr,        \
			 _data_sz, _data_len, NULL, NULL, NULL, NULL, NULL)
#define INIT_OBJ_RES_DATA(_id, _r_ptr, _r_idx, _ri_ptr, _ri_idx, _data_ptr, _data_len)             \
	INIT_OBJ_RES_DATA_LEN(_id, _r_ptr, _r_idx, _ri_ptr, _ri_idx, _data_ptr, _data_len,         \
			      _data_len)
#define INIT_OBJ_RES_OPTDATA(_id, _r_ptr, _r_idx, _ri_ptr, _ri_idx)                                \
	INIT_OBJ_RES_OPT(_id, _r_ptr, _r_idx, _ri_ptr, _ri_idx, 1U, false, true, NULL, NULL, NULL, \
			 NULL, NULL)

/* An executable resource. */
#define INIT_OBJ_RES_EXECUTE(_id, _r_ptr, _r_idx, _ex_cb)                                          \
	do {                                                                                       \
		_INIT_OBJ_RES(_id, _r_ptr, _r_idx, NULL, 0, false, NULL, NULL, NULL, NULL,         \
			      _ex_cb);                                                             \
		(_r_idx)++;                                                                        \
	} while (false)

struct lwm2m_opaque_context {
	size_t len;
	size_t offset;
};

struct lwm2m_block_context {
	struct coap_block_context ctx;
	struct lwm2m_opaque_context opaque;
	int64_t timestamp;
	uint32_t expected;
	bool last_block : 1;
	struct lwm2m_obj_path path;
};

struct lwm2m_output_context {
	const struct lwm2m_writer *writer;
	struct coap_packet *out_cpkt;
#if defined(CONFIG_LWM2M_COAP_BLOCK_TRANSFER)
	struct coap_block_context *block_ctx;
#endif
	void *user_data;
};

struct lwm2m_input_context {
	const struct lwm2m_reader *reader;
	struct coap_packet *in_cpkt;
	uint16_t offset;
	struct lwm2m_block_context *block_ctx;
	void *user_data;
};

/* A writer and a reader of a content format, for authors that bring one along: the library's own are
 * not of this kind, and its messages have none. What a writer or reader does not have is -ENOTSUP,
 * a beginning or an end that it does not have is nothing.
 */
struct lwm2m_writer {
	int (*put_begin)(struct lwm2m_output_context *out, struct lwm2m_obj_path *path);
	int (*put_end)(struct lwm2m_output_context *out, struct lwm2m_obj_path *path);
	int (*put_begin_oi)(struct lwm2m_output_context *out, struct lwm2m_obj_path *path);
	int (*put_end_oi)(struct lwm2m_output_context *out, struct lwm2m_obj_path *path);
	int (*put_begin_r)(struct lwm2m_output_context *out, struct lwm2m_obj_path *path);
	int (*put_end_r)(struct lwm2m_output_context *out, struct lwm2m_obj_path *path);
	int (*put_begin_ri)(struct lwm2m_output_context *out, struct lwm2m_obj_path *path);
	int (*put_end_ri)(struct lwm2m_output_context *out, struct lwm2m_obj_path *path);
	int (*put_data_timestamp)(struct lwm2m_output_context *out, time_t value);
	int (*put_s8)(struct lwm2m_output_context *out, struct lwm2m_obj_path *path, int8_t value);
	int (*put_s16)(struct lwm2m_output_context *out, struct lwm2m_obj_path *path, int16_t value);
	int (*put_s32)(struct lwm2m_output_context *out, struct lwm2m_obj_path *path, int32_t value);
	int (*put_s64)(struct lwm2m_output_context *out, struct lwm2m_obj_path *path, int64_t value);
	int (*put_time)(struct lwm2m_output_context *out, struct lwm2m_obj_path *path, time_t value);
	int (*put_string)(struct lwm2m_output_context *out, struct lwm2m_obj_path *path, char *buf,
		size_t buflen);
	int (*put_float)(struct lwm2m_output_context *out, struct lwm2m_obj_path *path, double *value);
	int (*put_bool)(struct lwm2m_output_context *out, struct lwm2m_obj_path *path, bool value);
	int (*put_opaque)(struct lwm2m_output_context *out, struct lwm2m_obj_path *path, char *buf,
		size_t buflen);
	int (*put_objlnk)(struct lwm2m_output_context *out, struct lwm2m_obj_path *path,
		struct lwm2m_objlnk *value);
	int (*put_corelink)(struct lwm2m_output_context *out, const struct lwm2m_obj_path *path);
};

struct lwm2m_reader {
	int (*get_s32)(struct lwm2m_input_context *in, int32_t *value);
	int (*get_s64)(struct lwm2m_input_context *in, int64_t *value);
	int (*get_time)(struct lwm2m_input_context *in, time_t *value);
	int (*get_string)(struct lwm2m_input_context *in, uint8_t *buf, size_t buflen);
	int (*get_float)(struct lwm2m_input_context *in, double *value);
	int (*get_bool)(struct lwm2m_input_context *in, bool *value);
	int (*get_opaque)(struct lwm2m_input_context *in, uint8_t *buf, size_t buflen,
		struct lwm2m_opaque_context *opaque, bool *last_block);
	int (*get_objlnk)(struct lwm2m_input_context *in, struct lwm2m_objlnk *value);
};

static inline void engine_set_out_user_data(struct lwm2m_output_context *out, void *user_data)
{
	out->user_data = user_data;
}

static inline void *engine_get_out_user_data(struct lwm2m_output_context *out)
{
	return out->user_data;
}

static inline void engine_clear_out_user_data(struct lwm2m_output_context *out)
{
	out->user_data = NULL;
}

static inline void engine_set_in_user_data(struct lwm2m_input_context *in, void *user_data)
{
	in->user_data = user_data;
}

static inline void *engine_get_in_user_data(struct lwm2m_input_context *in)
{
	return in->user_data;
}

static inline void engine_clear_in_user_data(struct lwm2m_input_context *in)
{
	in->user_data = NULL;
}

static inline int engine_put_begin(struct lwm2m_output_context *out, struct lwm2m_obj_path *path)
{
	if (out->writer == NULL || out->writer->put_begin == NULL) {
		return 0;
	}
	return out->writer->put_begin(out, path);
}

static inline int engine_put_end(struct lwm2m_output_context *out, struct lwm2m_obj_path *path)
{
	if (out->writer == NULL || out->writer->put_end == NULL) {
		return 0;
	}
	return out->writer->put_end(out, path);
}

static inline int engine_put_begin_oi(struct lwm2m_output_context *out, struct lwm2m_obj_path *path)
{
	if (out->writer == NULL || out->writer->put_begin_oi == NULL) {
		return 0;
	}
	return out->writer->put_begin_oi(out, path);
}

static inline int engine_put_end_oi(struct lwm2m_output_context *out, struct lwm2m_obj_path *path)
{
	if (out->writer == NULL || out->writer->put_end_oi == NULL) {
		return 0;
	}
	return out->writer->put_end_oi(out, path);
}

static inline int engine_put_begin_r(struct lwm2m_output_context *out, struct lwm2m_obj_path *path)
{
	if (out->writer == NULL || out->writer->put_begin_r == NULL) {
		return 0;
	}
	return out->writer->put_begin_r(out, path);
}

static inline int engine_put_end_r(struct lwm2m_output_context *out, struct lwm2m_obj_path *path)
{
	if (out->writer == NULL || out->writer->put_end_r == NULL) {
		return 0;
	}
	return out->writer->put_end_r(out, path);
}

static inline int engine_put_begin_ri(struct lwm2m_output_context *out, struct lwm2m_obj_path *path)
{
	if (out->writer == NULL || out->writer->put_begin_ri == NULL) {
		return 0;
	}
	return out->writer->put_begin_ri(out, path);
}

static inline int engine_put_end_ri(struct lwm2m_output_context *out, struct lwm2m_obj_path *path)
{
	if (out->writer == NULL || out->writer->put_end_ri == NULL) {
		return 0;
	}
	return out->writer->put_end_ri(out, path);
}

static inline int engine_put_s8(struct lwm2m_output_context *out, struct lwm2m_obj_path *path,
		int8_t value)
{
	if (out->writer == NULL || out->writer->put_s8 == NULL) {
		return -ENOTSUP;
	}
	return out->writer->put_s8(out, path, value);
}

static inline int engine_put_s16(struct lwm2m_output_context *out, struct lwm2m_obj_path *path,
		int16_t value)
{
	if (out->writer == NULL || out->writer->put_s16 == NULL) {
		return -ENOTSUP;
	}
	return out->writer->put_s16(out, path, value);
}

static inline int engine_put_s32(struct lwm2m_output_context *out, struct lwm2m_obj_path *path,
		int32_t value)
{
	if (out->writer == NULL || out->writer->put_s32 == NULL) {
		return -ENOTSUP;
	}
	return out->writer->put_s32(out, path, value);
}

static inline int engine_put_s64(struct lwm2m_output_context *out, struct lwm2m_obj_path *path,
		int64_t value)
{
	if (out->writer == NULL || out->writer->put_s64 == NULL) {
		return -ENOTSUP;
	}
	return out->writer->put_s64(out, path, value);
}

static inline int engine_put_time(struct lwm2m_output_context *out, struct lwm2m_obj_path *path,
		time_t value)
{
	if (out->writer == NULL || out->writer->put_time == NULL) {
		return -ENOTSUP;
	}
	return out->writer->put_time(out, path, value);
}

static inline int engine_put_string(struct lwm2m_output_context *out, struct lwm2m_obj_path *path,
		char *buf, size_t buflen)
{
	if (out->writer == NULL || out->writer->put_string == NULL) {
		return -ENOTSUP;
	}
	return out->writer->put_string(out, path, buf, buflen);
}

static inline int engine_put_float(struct lwm2m_output_context *out, struct lwm2m_obj_path *path,
		double *value)
{
	if (out->writer == NULL || out->writer->put_float == NULL) {
		return -ENOTSUP;
	}
	return out->writer->put_float(out, path, value);
}

static inline int engine_put_bool(struct lwm2m_output_context *out, struct lwm2m_obj_path *path,
		bool value)
{
	if (out->writer == NULL || out->writer->put_bool == NULL) {
		return -ENOTSUP;
	}
	return out->writer->put_bool(out, path, value);
}

static inline int engine_put_opaque(struct lwm2m_output_context *out, struct lwm2m_obj_path *path,
		char *buf, size_t buflen)
{
	if (out->writer == NULL || out->writer->put_opaque == NULL) {
		return -ENOTSUP;
	}
	return out->writer->put_opaque(out, path, buf, buflen);
}

static inline int engine_put_objlnk(struct lwm2m_output_context *out, struct lwm2m_obj_path *path,
		struct lwm2m_objlnk *value)
{
	if (out->writer == NULL || out->writer->put_objlnk == NULL) {
		return -ENOTSUP;
	}
	return out->writer->put_objlnk(out, path, value);
}

static inline int engine_put_corelink(struct lwm2m_output_context *out,
		const struct lwm2m_obj_path *path)
{
	if (out->writer == NULL || out->writer->put_corelink == NULL) {
		return -ENOTSUP;
	}
	return out->writer->put_corelink(out, path);
}

static inline int engine_put_timestamp(struct lwm2m_output_context *out, time_t timestamp)
{
	if (out->writer == NULL || out->writer->put_data_timestamp == NULL) {
		return -ENOTSUP;
	}
	return out->writer->put_data_timestamp(out, timestamp);
}

static inline int engine_get_s32(struct lwm2m_input_context *in, int32_t *value)
{
	if (in->reader == NULL || in->reader->get_s32 == NULL) {
		return -ENOTSUP;
	}
	return in->reader->get_s32(in, value);
}

static inline int engine_get_s64(struct lwm2m_input_context *in, int64_t *value)
{
	if (in->reader == NULL || in->reader->get_s64 == NULL) {
		return -ENOTSUP;
	}
	return in->reader->get_s64(in, value);
}

static inline int engine_get_time(struct lwm2m_input_context *in, time_t *value)
{
	if (in->reader == NULL || in->reader->get_time == NULL) {
		return -ENOTSUP;
	}
	return in->reader->get_time(in, value);
}

static inline int engine_get_string(struct lwm2m_input_context *in, uint8_t *buf, size_t buflen)
{
	if (in->reader == NULL || in->reader->get_string == NULL) {
		return -ENOTSUP;
	}
	return in->reader->get_string(in, buf, buflen);
}

static inline int engine_get_float(struct lwm2m_input_context *in, double *value)
{
	if (in->reader == NULL || in->reader->get_float == NULL) {
		return -ENOTSUP;
	}
	return in->reader->get_float(in, value);
}

static inline int engine_get_bool(struct lwm2m_input_context *in, bool *value)
{
	if (in->reader == NULL || in->reader->get_bool == NULL) {
		return -ENOTSUP;
	}
	return in->reader->get_bool(in, value);
}

static inline int engine_get_opaque(struct lwm2m_input_context *in, uint8_t *buf, size_t buflen,
		struct lwm2m_opaque_context *opaque, bool *last_block)
{
	if (in->reader == NULL || in->reader->get_opaque == NULL) {
		return -ENOTSUP;
	}
	return in->reader->get_opaque(in, buf, buflen, opaque, last_block);
}

static inline int engine_get_objlnk(struct lwm2m_input_context *in, struct lwm2m_objlnk *value)
{
	if (in->reader == NULL || in->reader->get_objlnk == NULL) {
		return -ENOTSUP;
	}
	return in->reader->get_objlnk(in, value);
}

typedef void (*lwm2m_message_timeout_cb_t)(struct lwm2m_message *msg);

/* The request in progress, as lwm2m_ctx.processed_req shows it inside a callback: ctx, path, token
 * and tkl, mid, type, code, operation and acknowledged are its own; msg_data takes the answer. The
 * other members are NULL.
 */
struct lwm2m_message {
	sys_snode_t node;
	struct lwm2m_ctx *ctx;
	struct lwm2m_input_context in;
	struct lwm2m_output_context out;
	struct lwm2m_obj_path path;
	struct coap_packet cpkt;
	uint8_t msg_data[CONFIG_LWM2M_COAP_MAX_MSG_SIZE];
#if defined(CONFIG_LWM2M_COAP_BLOCK_TRANSFER)
	struct coap_packet body_encode_buffer;
#endif
	struct coap_pending *pending;
	struct coap_reply *reply;
#if defined(CONFIG_LWM2M_RESOURCE_DATA_CACHE_SUPPORT)
	struct lwm2m_cache_read_info *cache_info;
#endif
	uint8_t *token;
	coap_reply_t reply_cb;
	lwm2m_message_timeout_cb_t message_timeout_cb;
	lwm2m_send_cb_t send_status_cb;
	uint16_t mid;
	uint8_t type;
	uint8_t code;
	uint8_t tkl;
	uint8_t operation;
	bool acknowledged : 1;
	bool block_send : 1;
};

#ifdef __cplusplus
}
#endif

#endif /* LWM2M_OBJECT_H */
