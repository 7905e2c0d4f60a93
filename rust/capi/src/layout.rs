// SPDX-License-Identifier: Apache-2.0
//! Offsets and sizes of `struct lwm2m_ctx` and `struct lwm2m_message` as the C compiler lays them
//! out in this configuration; written by `build.rs`. The structs whose layout Rust declares itself are
//! compared here with what that compiler makes of them.
#![allow(dead_code)]

include!(concat!(env!("OUT_DIR"), "/layout.rs"));

macro_rules! same_in_c {
    ($type:ident, $size:ident, $($field:ident: $offset:ident),*) => {
        const _: () = {
            use lwm2m_registry::c_types::$type;
            assert!(size_of::<$type>() == $size);
            $(assert!(core::mem::offset_of!($type, $field) == $offset);)*
        };
    };
}

same_in_c!(
    lwm2m_obj_path, OBJ_PATH_WHOLE, obj_id: OBJ_PATH_OBJ_ID, obj_inst_id: OBJ_PATH_OBJ_INST_ID,
    res_id: OBJ_PATH_RES_ID, res_inst_id: OBJ_PATH_RES_INST_ID, level: OBJ_PATH_LEVEL
);
same_in_c!(
    lwm2m_objlnk, OBJLNK_WHOLE, obj_id: OBJLNK_OBJ_ID, obj_inst: OBJLNK_OBJ_INST
);
same_in_c!(
    lwm2m_res_item, RES_ITEM_WHOLE, path: RES_ITEM_PATH, value: RES_ITEM_VALUE, size:
    RES_ITEM_SIZE
);
same_in_c!(
    lwm2m_engine_obj_field, OBJ_FIELD_WHOLE, res_id: OBJ_FIELD_RES_ID, permissions:
    OBJ_FIELD_PERMISSIONS, data_type: OBJ_FIELD_DATA_TYPE
);
same_in_c!(
    lwm2m_engine_obj, OBJ_WHOLE, node: OBJ_NODE, fields: OBJ_FIELDS, create_cb: OBJ_CREATE_CB,
    delete_cb: OBJ_DELETE_CB, user_create_cb: OBJ_USER_CREATE_CB, user_delete_cb:
    OBJ_USER_DELETE_CB, obj_id: OBJ_OBJ_ID, field_count: OBJ_FIELD_COUNT, instance_count:
    OBJ_INSTANCE_COUNT, max_instance_count: OBJ_MAX_INSTANCE_COUNT, version_major:
    OBJ_VERSION_MAJOR, version_minor: OBJ_VERSION_MINOR
);
same_in_c!(
    lwm2m_engine_res_inst, RES_INST_WHOLE, data_ptr: RES_INST_DATA_PTR, max_data_len:
    RES_INST_MAX_DATA_LEN, data_len: RES_INST_DATA_LEN, res_inst_id: RES_INST_RES_INST_ID,
    data_flags: RES_INST_DATA_FLAGS
);
same_in_c!(
    lwm2m_engine_res, RES_WHOLE, read_cb: RES_READ_CB, pre_write_cb: RES_PRE_WRITE_CB,
    post_write_cb: RES_POST_WRITE_CB, execute_cb: RES_EXECUTE_CB, res_instances:
    RES_RES_INSTANCES, res_id: RES_RES_ID, res_inst_count: RES_RES_INST_COUNT, multi_res_inst:
    RES_MULTI_RES_INST
);
same_in_c!(
    lwm2m_engine_obj_inst, OBJ_INST_WHOLE, node: OBJ_INST_NODE, obj: OBJ_INST_OBJ, resources:
    OBJ_INST_RESOURCES, obj_inst_id: OBJ_INST_OBJ_INST_ID, resource_count:
    OBJ_INST_RESOURCE_COUNT
);
same_in_c!(
    observe_node, OBSERVER_WHOLE, path_list: OBSERVER_PATH_LIST, token: OBSERVER_TOKEN, format:
    OBSERVER_FORMAT, tkl: OBSERVER_TKL
);
same_in_c!(
    lwm2m_obj_path_list, OBSERVED_PATH_WHOLE, path: OBSERVED_PATH_PATH
);
same_in_c!(
    lwm2m_init_func, INIT_FUNC_WHOLE, f: INIT_FUNC_F
);
same_in_c!(
    lwm2m_time_series_elem, SERIES_ELEM_WHOLE, t: SERIES_ELEM_T
);
same_in_c!(
    lwm2m_time_series_resource, SERIES_RES_WHOLE, path: SERIES_RES_PATH, filter_cb:
    SERIES_RES_FILTER_CB, rb: SERIES_RES_RB
);
same_in_c!(
    ring_buf, RING_BUF_WHOLE, buffer: RING_BUF_BUFFER, put: RING_BUF_PUT, get: RING_BUF_GET, size:
    RING_BUF_SIZE
);
