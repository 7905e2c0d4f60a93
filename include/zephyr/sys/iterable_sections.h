/* SPDX-License-Identifier: Apache-2.0 */
/* Host stand-in: entries of one type that the linker gathers in a section of their own.
 *
 * The linker gives the section's bounds as __start_<type> and __stop_<type>; the library walks the
 * entries of type lwm2m_init_func before main, in the order of linking. (Zephyr's linker sorts them
 * by name, so that the priority in the name counts.)
 */

#ifndef LWM2M_HOST_SYS_ITERABLE_SECTIONS_H
#define LWM2M_HOST_SYS_ITERABLE_SECTIONS_H

/* The alignment keeps the entries an array: a compiler may align a lone object more strictly. */
#define STRUCT_SECTION_ITERABLE(struct_type, name)                                                 \
	__attribute__((section(#struct_type), used, aligned(__alignof__(struct struct_type))))     \
	struct struct_type name

#endif /* LWM2M_HOST_SYS_ITERABLE_SECTIONS_H */
