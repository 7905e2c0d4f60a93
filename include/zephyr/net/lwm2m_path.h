/* SPDX-License-Identifier: Apache-2.0 */
/* Paths from one to four numbers: as a text literal and as a struct. */

#ifndef LWM2M_PATH_H
#define LWM2M_PATH_H

/* Picks the fifth argument: the macro that suits one to four numbers in front of it. */
#define LWM2M_PATH_MACRO(_1, _2, _3, _4, NAME, ...) NAME
#define GET_OBJ_MACRO(_1, _2, _3, _4, NAME, ...) NAME

/* One more than the number of arguments, one to four: so it is in Zephyr. */
#define LWM2M_PATH_VA_NUM_ARGS_IMPL(_1, _2, _3, _4, N, ...) N
#define LWM2M_PATH_VA_NUM_ARGS(...) LWM2M_PATH_VA_NUM_ARGS_IMPL(__VA_ARGS__, 5, 4, 3, 2, 1)

/**
 * The text of a path: `LWM2M_PATH(3, 0, 1)` is `"3/0/1"`.
 *
 * The arguments are put between slashes as they are written, so only literals make sense, not
 * variables and not macros that expand to something else.
 */
#define LWM2M_PATH(...)                                                                            \
	LWM2M_PATH_MACRO(__VA_ARGS__, LWM2M_PATH4, LWM2M_PATH3, LWM2M_PATH2, LWM2M_PATH1)          \
	(__VA_ARGS__)
#define LWM2M_PATH1(a) #a
#define LWM2M_PATH2(a, b) #a "/" #b
#define LWM2M_PATH3(a, b, c) #a "/" #b "/" #c
#define LWM2M_PATH4(a, b, c, d) #a "/" #b "/" #c "/" #d

/**
 * A path struct: `&LWM2M_OBJ(3, 0, 1)` can be handed to any function that takes a path. The struct
 * lives as long as the block it is written in.
 */
#define LWM2M_OBJ(...)                                                                             \
	GET_OBJ_MACRO(__VA_ARGS__, LWM2M_OBJ4, LWM2M_OBJ3, LWM2M_OBJ2, LWM2M_OBJ1)(__VA_ARGS__)
#define LWM2M_OBJ1(object)                                                                         \
	(struct lwm2m_obj_path)                                                                    \
	{                                                                                          \
		.obj_id = object, .level = 1                                                       \
	}
#define LWM2M_OBJ2(object, instance)                                                               \
	(struct lwm2m_obj_path)                                                                    \
	{                                                                                          \
		.obj_id = object, .obj_inst_id = instance, .level = 2                              \
	}
#define LWM2M_OBJ3(object, instance, resource)                                                     \
	(struct lwm2m_obj_path)                                                                    \
	{                                                                                          \
		.obj_id = object, .obj_inst_id = instance, .res_id = resource, .level = 3          \
	}
#define LWM2M_OBJ4(object, instance, resource, resource_instance)                                  \
	(struct lwm2m_obj_path)                                                                    \
	{                                                                                          \
		.obj_id = object, .obj_inst_id = instance, .res_id = resource,                     \
		.res_inst_id = resource_instance, .level = 4                                       \
	}

#endif /* LWM2M_PATH_H */
