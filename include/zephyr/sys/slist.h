/* SPDX-License-Identifier: Apache-2.0 */
/* Host stand-in: a singly linked list with Zephyr's names and layout. */

#ifndef LWM2M_HOST_SYS_SLIST_H
#define LWM2M_HOST_SYS_SLIST_H

#include <stdbool.h>
#include <stddef.h>

#include <zephyr/sys/util.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A member of a list. */
struct _snode {
	struct _snode *next;
};
typedef struct _snode sys_snode_t;

/* A list: its first and last member, NULL when it is empty. */
struct _slist {
	sys_snode_t *head;
	sys_snode_t *tail;
};
typedef struct _slist sys_slist_t;

static inline void sys_slist_init(sys_slist_t *list)
{
	list->head = NULL;
	list->tail = NULL;
}

static inline bool sys_slist_is_empty(const sys_slist_t *list)
{
	return list->head == NULL;
}

static inline sys_snode_t *sys_slist_peek_head(const sys_slist_t *list)
{
	return list->head;
}

static inline sys_snode_t *sys_slist_peek_next(const sys_snode_t *node)
{
	return node == NULL ? NULL : node->next;
}

static inline void sys_slist_append(sys_slist_t *list, sys_snode_t *node)
{
	node->next = NULL;
	if (list->tail == NULL) {
		list->head = node;
	} else {
		list->tail->next = node;
	}
	list->tail = node;
}

static inline bool sys_slist_find_and_remove(sys_slist_t *list, sys_snode_t *node)
{
	sys_snode_t *before = NULL;

	for (sys_snode_t *at = list->head; at != NULL; before = at, at = at->next) {
		if (at != node) {
			continue;
		}
		if (before == NULL) {
			list->head = at->next;
		} else {
			before->next = at->next;
		}
		if (list->tail == at) {
			list->tail = before;
		}
		at->next = NULL;
		return true;
	}
	return false;
}

#define SYS_SLIST_FOR_EACH_NODE(list, node)                                                        \
	for (node = sys_slist_peek_head(list); node != NULL; node = sys_slist_peek_next(node))

/* The container of `node`, NULL for NULL. */
#define LWM2M_HOST_SLIST_CONTAINER(node, pointer, member)                                          \
	((node) == NULL ? NULL : CONTAINER_OF(node, __typeof__(*(pointer)), member))

#define SYS_SLIST_FOR_EACH_CONTAINER(list, pointer, member)                                        \
	for (pointer = LWM2M_HOST_SLIST_CONTAINER(sys_slist_peek_head(list), pointer, member);     \
	     pointer != NULL;                                                                      \
	     pointer = LWM2M_HOST_SLIST_CONTAINER(sys_slist_peek_next(&(pointer)->member),         \
						  pointer, member))

#ifdef __cplusplus
}
#endif

#endif /* LWM2M_HOST_SYS_SLIST_H */
