/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled, never run: the object file holds the layout of the two structs that follow Kconfig and
 * the target's C ABI, and the C library's error numbers, as text that build.rs (or CMake) reads:
 * the marker, a name, the offset (or number) and the size in five digits each. It compiles against
 * include/ on a host and against Zephyr's own headers in Zephyr.
 */

#include <errno.h>

#include <zephyr/net/lwm2m.h>
#include "lwm2m_object.h"

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
	ROW(whole_##type, #prefix "_SIZE", __alignof__(struct type), sizeof(struct type))
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

#define NUMBER(name) ROW(errno_##name, "ERRNO." #name, name, 0)

NUMBER(E2BIG);
NUMBER(EACCES);
NUMBER(EAGAIN);
NUMBER(EBUSY);
NUMBER(EEXIST);
NUMBER(EFBIG);
NUMBER(EINPROGRESS);
NUMBER(EINVAL);
NUMBER(EIO);
NUMBER(ENOBUFS);
NUMBER(ENOENT);
NUMBER(ENOMEM);
NUMBER(ENOSYS);
NUMBER(ENOTCONN);
NUMBER(ENOTSUP);
NUMBER(EPERM);
NUMBER(EPROTONOSUPPORT);
