/* SPDX-License-Identifier: Apache-2.0 */
/* The C API of the LwM2M client: source compatible with Zephyr 4.3.0's header of the same name.
 * Written by `cargo xtask header` from rust/capi. Do not edit.
 */

#ifndef ZEPHYR_INCLUDE_NET_LWM2M_H_
#define ZEPHYR_INCLUDE_NET_LWM2M_H_


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <zephyr/kernel.h>
#include <zephyr/net/coap.h>
#include <zephyr/net/lwm2m_path.h>
#include <zephyr/net/lwm2m_sample.h>

/**
 * What happened to the client.
 */
enum lwm2m_rd_client_event {
        /**
         * Nothing; never told.
         */
        LWM2M_RD_CLIENT_EVENT_NONE,
        /**
         * The Bootstrap-Server refused the client, or could not be reached.
         */
        LWM2M_RD_CLIENT_EVENT_BOOTSTRAP_REG_FAILURE,
        /**
         * The Bootstrap-Server accepted the request and will send the accounts.
         */
        LWM2M_RD_CLIENT_EVENT_BOOTSTRAP_REG_COMPLETE,
        /**
         * The Bootstrap-Server has finished.
         */
        LWM2M_RD_CLIENT_EVENT_BOOTSTRAP_TRANSFER_COMPLETE,
        /**
         * The server refused the registration.
         */
        LWM2M_RD_CLIENT_EVENT_REGISTRATION_FAILURE,
        /**
         * The server accepted the registration.
         */
        LWM2M_RD_CLIENT_EVENT_REGISTRATION_COMPLETE,
        /**
         * The server did not answer, or the connection was lost.
         */
        LWM2M_RD_CLIENT_EVENT_REG_TIMEOUT,
        /**
         * The server accepted the Update.
         */
        LWM2M_RD_CLIENT_EVENT_REG_UPDATE_COMPLETE,
        /**
         * The server did not accept the De-register.
         */
        LWM2M_RD_CLIENT_EVENT_DEREGISTER_FAILURE,
        /**
         * The client has stopped, or is about to without a De-register.
         */
        LWM2M_RD_CLIENT_EVENT_DISCONNECT,
        /**
         * Queue mode: the client no longer listens.
         */
        LWM2M_RD_CLIENT_EVENT_QUEUE_MODE_RX_OFF,
        /**
         * The client is paused.
         */
        LWM2M_RD_CLIENT_EVENT_ENGINE_SUSPENDED,
        /**
         * All attempts to reach a server failed; the client has stopped.
         */
        LWM2M_RD_CLIENT_EVENT_NETWORK_ERROR,
        /**
         * An Update is about to be sent.
         */
        LWM2M_RD_CLIENT_EVENT_REG_UPDATE,
        /**
         * A De-register is about to be sent.
         */
        LWM2M_RD_CLIENT_EVENT_DEREGISTER,
        /**
         * The server has disabled the client for a while.
         */
        LWM2M_RD_CLIENT_EVENT_SERVER_DISABLED,
};

/**
 * What happened to an observation.
 */
enum lwm2m_observe_event {
        /**
         * A server began to observe the path.
         */
        LWM2M_OBSERVE_EVENT_OBSERVER_ADDED,
        /**
         * It no longer does.
         */
        LWM2M_OBSERVE_EVENT_OBSERVER_REMOVED,
        /**
         * The server acknowledged a notification.
         */
        LWM2M_OBSERVE_EVENT_NOTIFY_ACK,
        /**
         * The server did not acknowledge a notification, however often it was sent.
         */
        LWM2M_OBSERVE_EVENT_NOTIFY_TIMEOUT,
};

/**
 * How a Send ended.
 */
enum lwm2m_send_status {
        /**
         * The server accepted it.
         */
        LWM2M_SEND_STATUS_SUCCESS,
        /**
         * The server refused it, or the connection was closed.
         */
        LWM2M_SEND_STATUS_FAILURE,
        /**
         * The server did not answer.
         */
        LWM2M_SEND_STATUS_TIMEOUT,
};

/**
 * Security modes, resource 0/x/2.
 */
enum lwm2m_security_mode_e {
        /**
         * Pre-shared key.
         */
        LWM2M_SECURITY_PSK = 0,
        /**
         * Raw public key.
         */
        LWM2M_SECURITY_RAW_PK = 1,
        /**
         * Certificate.
         */
        LWM2M_SECURITY_CERT = 2,
        /**
         * None.
         */
        LWM2M_SECURITY_NOSEC = 3,
        /**
         * Certificate, enrolled with EST.
         */
        LWM2M_SECURITY_CERT_EST = 4,
};

/**
 * What traffic is to be expected on a socket.
 */
enum lwm2m_socket_states {
        /**
         * More of it.
         */
        LWM2M_SOCKET_STATE_ONGOING,
        /**
         * One answer to the next message.
         */
        LWM2M_SOCKET_STATE_ONE_RESPONSE,
        /**
         * Nothing after the next message.
         */
        LWM2M_SOCKET_STATE_LAST,
        /**
         * Nothing.
         */
        LWM2M_SOCKET_STATE_NO_DATA,
};

/**
 * The client's context. Its fields follow the configuration: C alone knows them.
 */
struct lwm2m_ctx;

/**
 * Hears of the client's life.
 *
 * Runs in the library's thread, or in the thread that called the function which caused the event.
 * No lock is held but what that caller holds itself; it may call any function of this library.
 */
typedef void (*lwm2m_ctx_event_cb_t)(struct lwm2m_ctx *ctx, enum lwm2m_rd_client_event event);

/**
 * A path as C holds it. `level` says how many of the numbers mean something; the others may hold
 * anything.
 */
struct lwm2m_obj_path {
        /**
         * Object ID.
         */
        uint16_t obj_id;
        /**
         * Object Instance ID.
         */
        uint16_t obj_inst_id;
        /**
         * Resource ID.
         */
        uint16_t res_id;
        /**
         * Resource Instance ID.
         */
        uint16_t res_inst_id;
        /**
         * How many of the numbers count, 0 to 4.
         */
        uint8_t level;
};

/**
 * Hears of observations and notifications. `user_data` is the context when an observation begins,
 * NULL otherwise. Runs in the library's thread; no lock is held.
 */
typedef void (*lwm2m_observe_cb_t)(enum lwm2m_observe_event event,
                                   struct lwm2m_obj_path *path,
                                   void *user_data);

/**
 * An object link.
 */
struct lwm2m_objlnk {
        /**
         * Object ID.
         */
        uint16_t obj_id;
        /**
         * Object Instance ID.
         */
        uint16_t obj_inst;
};

/**
 * One entry of `lwm2m_set_bulk`.
 */
struct lwm2m_res_item {
        /**
         * What to set.
         */
        struct lwm2m_obj_path *path;
        /**
         * The value, in the representation of the resource.
         */
        void *value;
        /**
         * Its size in bytes, a string's terminator included.
         */
        uint16_t size;
};

/**
 * Returns the buffer that holds, or takes, a value, and its length in `data_len`; null: none.
 */
typedef void *(*lwm2m_engine_get_data_cb_t)(uint16_t obj_inst_id,
                                            uint16_t res_id,
                                            uint16_t res_inst_id,
                                            size_t *data_len);

/**
 * Judges a value, or hears of one that was written.
 */
typedef int (*lwm2m_engine_set_data_cb_t)(uint16_t obj_inst_id,
                                          uint16_t res_id,
                                          uint16_t res_inst_id,
                                          uint8_t *data,
                                          uint16_t data_len,
                                          bool last_block,
                                          size_t total_size,
                                          size_t offset);

/**
 * Executes a resource.
 */
typedef int (*lwm2m_engine_execute_cb_t)(uint16_t obj_inst_id, uint8_t *args, uint16_t args_len);

/**
 * Hears of an instance that was created or is about to go.
 */
typedef int (*lwm2m_engine_user_cb_t)(uint16_t obj_inst_id);

/**
 * Sets the options of a socket that was made and is not connected yet. 0 for success. Runs in the
 * library's thread; no lock is held.
 */
typedef int (*lwm2m_set_sockopt_cb_t)(struct lwm2m_ctx *client_ctx);

/**
 * Hears how a Send ended. Runs in the library's thread; no lock is held.
 */
typedef void (*lwm2m_send_cb_t)(enum lwm2m_send_status status);

/**
 * Hears that the socket failed, with an error number. Runs in the library's thread, which deals
 * with the failure itself; no lock is held.
 */
typedef void (*lwm2m_socket_fault_cb_t)(int error);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Starts the client: it connects to the server that the Security object names and registers.
 *
 * @param client_ctx  The context, all zero but for what the application has set. It must stay
 *                    until the client has stopped.
 * @param ep_name     The endpoint name; what is beyond
 *                    CONFIG_LWM2M_RD_CLIENT_ENDPOINT_NAME_MAX_LENGTH is cut off.
 * @param flags       LWM2M_RD_CLIENT_FLAG_BOOTSTRAP or 0.
 * @param event_cb    Hears of the client's life; may be NULL.
 * @param observe_cb  Hears of observations; may be NULL.
 *
 * @return 0; -EINVAL for a NULL context or name; -ENOTSUP when bootstrap is asked for and not
 *         configured; -EINPROGRESS when the client runs already.
 *
 * Any thread. Returns at once: how it goes on is told to `event_cb`.
 */
int lwm2m_rd_client_start(struct lwm2m_ctx *client_ctx,
                          const char *ep_name,
                          uint32_t flags,
                          lwm2m_ctx_event_cb_t event_cb,
                          lwm2m_observe_cb_t observe_cb);

/**
 * Stops the client.
 *
 * @param client_ctx  The context it was started with.
 * @param event_cb    Hears the rest of the client's life in place of the callback it was started
 *                    with; may be NULL.
 * @param deregister  Whether to tell the server.
 *
 * @return 0, or -EPERM when the client was not started with this context.
 *
 * Any thread. Returns at once, after the application has heard LWM2M_RD_CLIENT_EVENT_DEREGISTER,
 * or LWM2M_RD_CLIENT_EVENT_DISCONNECT when the server is not told; in the first case
 * LWM2M_RD_CLIENT_EVENT_DISCONNECT follows.
 */
int lwm2m_rd_client_stop(struct lwm2m_ctx *client_ctx,
                         lwm2m_ctx_event_cb_t event_cb,
                         bool deregister);

/**
 * Has the client send an Update soon. Any thread; nothing happens while it is not registered.
 */
void lwm2m_rd_client_update(void);

/**
 * The context that the client was started with last, NULL when it never was. Any thread.
 */
struct lwm2m_ctx *lwm2m_rd_client_ctx(void);

/**
 * Whether a server observes the path, or something above or below it.
 *
 * @param path  The path; nobody observes NULL.
 *
 * Any thread.
 */
bool lwm2m_path_is_observed(const struct lwm2m_obj_path *path);

/**
 * The security mode of the account in use: resource 2 of the context's Security instance.
 *
 * @param ctx  The context.
 *
 * @return One of `enum lwm2m_security_mode_e`; -EINVAL for a NULL context; -ENOENT when the
 *         context names no Security instance that exists.
 *
 * Any thread.
 */
int lwm2m_security_mode(struct lwm2m_ctx *ctx);

/**
 * Pauses the client: nothing is sent, what arrives is dropped, and no timer runs until
 * lwm2m_engine_resume(). The application hears LWM2M_RD_CLIENT_EVENT_ENGINE_SUSPENDED, from
 * inside this function.
 *
 * A callback that runs in the library's thread at this moment is not waited for.
 *
 * @return 0, also when the client is paused already or does not run.
 */
int lwm2m_engine_pause(void);

/**
 * Ends a pause; the client goes on where it was.
 *
 * @return 0, or -EPERM when there is no pause.
 */
int lwm2m_engine_resume(void);

/**
 * Closes the client's connection, without a De-register and without an event, until
 * lwm2m_engine_start(). Observations end; a Send that is under way fails.
 *
 * @param client_ctx  The context that the client was started with.
 *
 * @return 0, also when the connection is closed already; -EINVAL for NULL; -EPERM when the client
 *         was not started with this context.
 *
 * Any thread, any callback. Returns at once; the library's thread closes the socket.
 */
int lwm2m_engine_stop(struct lwm2m_ctx *client_ctx);

/**
 * Opens the client's connection after lwm2m_engine_stop(): to the server that the Security object
 * names now. The client registers there under the name it has.
 *
 * @param client_ctx  The context that the client was started with.
 *
 * @return 0, also when the connection is open; -EINVAL for NULL; -EPERM when the client was not
 *         started with this context.
 *
 * Any thread, any callback. Returns at once; how it goes on is told to the event callback.
 */
int lwm2m_engine_start(struct lwm2m_ctx *client_ctx);

/**
 * Locks the registry, so that several changes become one.
 *
 * While it is locked no other thread reads or writes a resource and nothing is sent; what changed
 * is reported once, after the last unlock. A thread may lock several times and has to unlock as
 * often. Do not wait for another thread while it is locked.
 */
void lwm2m_registry_lock(void);

/**
 * Undoes one lwm2m_registry_lock() of the same thread; without one, nothing happens.
 */
void lwm2m_registry_unlock(void);

/**
 * Sets a resource of type OPAQUE.
 *
 * @param path      The resource, or resource instance.
 * @param data_ptr  The bytes; may be NULL when there are none.
 * @param data_len  How many.
 *
 * @return 0, or
 *         -EINVAL: the path is NULL or has fewer than three numbers, `data_ptr` is NULL, the
 *         resource has no buffer, or the validate callback refused the value;
 *         -ENOENT: there is no such resource;
 *         -EACCES: the value is read-only;
 *         -ENOMEM: the value does not fit;
 *         or what the post-write callback returned.
 *
 * Any thread, any callback. Returns when the value is stored; observers are notified afterwards.
 * The same holds for the other functions of this kind, which set one type each; they return
 * -EINVAL as well when the resource's value has another size.
 */
int lwm2m_set_opaque(const struct lwm2m_obj_path *path, const char *data_ptr, uint16_t data_len);

/**
 * Sets a resource of type STRING to a terminated text, see lwm2m_set_opaque(). Sets one of type
 * OPAQUE to the text without its terminator.
 */
int lwm2m_set_string(const struct lwm2m_obj_path *path, const char *data_ptr);

/**
 * Sets a resource of type U8, see lwm2m_set_opaque().
 */
int lwm2m_set_u8(const struct lwm2m_obj_path *path, uint8_t value);

/**
 * Sets a resource of type U16, see lwm2m_set_opaque().
 */
int lwm2m_set_u16(const struct lwm2m_obj_path *path, uint16_t value);

/**
 * Sets a resource of type U32, see lwm2m_set_opaque().
 */
int lwm2m_set_u32(const struct lwm2m_obj_path *path, uint32_t value);

/**
 * Sets a resource of type S8, see lwm2m_set_opaque().
 */
int lwm2m_set_s8(const struct lwm2m_obj_path *path, int8_t value);

/**
 * Sets a resource of type S16, see lwm2m_set_opaque().
 */
int lwm2m_set_s16(const struct lwm2m_obj_path *path, int16_t value);

/**
 * Sets a resource of type S32, see lwm2m_set_opaque().
 */
int lwm2m_set_s32(const struct lwm2m_obj_path *path, int32_t value);

/**
 * Sets a resource of type S64, see lwm2m_set_opaque().
 */
int lwm2m_set_s64(const struct lwm2m_obj_path *path, int64_t value);

/**
 * Sets a resource of type BOOL, see lwm2m_set_opaque().
 */
int lwm2m_set_bool(const struct lwm2m_obj_path *path, bool value);

/**
 * Sets a resource of type FLOAT, see lwm2m_set_opaque().
 */
int lwm2m_set_f64(const struct lwm2m_obj_path *path, double value);

/**
 * Sets a resource of type OBJLNK, see lwm2m_set_opaque().
 */
int lwm2m_set_objlnk(const struct lwm2m_obj_path *path, const struct lwm2m_objlnk *value);

/**
 * Sets a resource of type TIME to seconds since 1970, see lwm2m_set_opaque().
 */
int lwm2m_set_time(const struct lwm2m_obj_path *path, time_t value);

/**
 * Sets several resources with the registry locked, so that observers hear of all at once.
 *
 * @param res_list       The values; `size` counts a string's terminator.
 * @param res_list_size  How many.
 *
 * @return 0, or what the first that cannot be set returns, see lwm2m_set_opaque(). Those before
 *         it are set, those after it are not. -EINVAL for a NULL list.
 */
int lwm2m_set_bulk(const struct lwm2m_res_item *res_list, size_t res_list_size);

/**
 * Reads a resource of type OPAQUE.
 *
 * @param path    The resource, or resource instance.
 * @param buf     Takes the value.
 * @param buflen  Its room.
 *
 * @return 0, or
 *         -EINVAL: a pointer is NULL or the path has fewer than three numbers;
 *         -ENOENT: there is no such resource;
 *         -ENOMEM: the value is longer than the room.
 *
 * Any thread, any callback. What has no value leaves `buf` as it is. The same holds for the other
 * functions of this kind, which read one type each; they return -EINVAL as well when the
 * resource's value has another size. On error nothing is written.
 */
int lwm2m_get_opaque(const struct lwm2m_obj_path *path, void *buf, uint16_t buflen);

/**
 * Reads a resource of type STRING as a terminated text, see lwm2m_get_opaque(); without a value it
 * is the empty text. Reads one of type OPAQUE and terminates it.
 */
int lwm2m_get_string(const struct lwm2m_obj_path *path, void *str, uint16_t buflen);

/**
 * Reads a resource of type U8, see lwm2m_get_opaque().
 */
int lwm2m_get_u8(const struct lwm2m_obj_path *path, uint8_t *value);

/**
 * Reads a resource of type U16, see lwm2m_get_opaque().
 */
int lwm2m_get_u16(const struct lwm2m_obj_path *path, uint16_t *value);

/**
 * Reads a resource of type U32, see lwm2m_get_opaque().
 */
int lwm2m_get_u32(const struct lwm2m_obj_path *path, uint32_t *value);

/**
 * Reads a resource of type S8, see lwm2m_get_opaque().
 */
int lwm2m_get_s8(const struct lwm2m_obj_path *path, int8_t *value);

/**
 * Reads a resource of type S16, see lwm2m_get_opaque().
 */
int lwm2m_get_s16(const struct lwm2m_obj_path *path, int16_t *value);

/**
 * Reads a resource of type S32, see lwm2m_get_opaque().
 */
int lwm2m_get_s32(const struct lwm2m_obj_path *path, int32_t *value);

/**
 * Reads a resource of type S64, see lwm2m_get_opaque().
 */
int lwm2m_get_s64(const struct lwm2m_obj_path *path, int64_t *value);

/**
 * Reads a resource of type BOOL, see lwm2m_get_opaque().
 */
int lwm2m_get_bool(const struct lwm2m_obj_path *path, bool *value);

/**
 * Reads a resource of type FLOAT, see lwm2m_get_opaque().
 */
int lwm2m_get_f64(const struct lwm2m_obj_path *path, double *value);

/**
 * Reads a resource of type OBJLNK, see lwm2m_get_opaque().
 */
int lwm2m_get_objlnk(const struct lwm2m_obj_path *path, struct lwm2m_objlnk *buf);

/**
 * Reads a resource of type TIME as seconds since 1970, see lwm2m_get_opaque().
 */
int lwm2m_get_time(const struct lwm2m_obj_path *path, time_t *buf);

/**
 * Gives a resource a buffer of the application for its value.
 *
 * @param path        The resource, or resource instance.
 * @param buffer_ptr  The buffer. It must stay until the resource gets another, and may be written
 *                    by the application at any time. May be NULL.
 * @param buffer_len  Its room, a string's terminator included.
 * @param data_len    Length of the value in it, a string's terminator included.
 * @param data_flags  LWM2M_RES_DATA_FLAG_RO when nobody may write the value, or 0.
 *
 * @return 0; -EINVAL when the path is NULL or has fewer than three numbers; -ENOENT when there is
 *         no such resource.
 *
 * Any thread, any callback. No observer is notified.
 */
int lwm2m_set_res_buf(const struct lwm2m_obj_path *path,
                      void *buffer_ptr,
                      uint16_t buffer_len,
                      uint16_t data_len,
                      uint8_t data_flags);

/**
 * Older form of lwm2m_set_res_buf(), for a buffer that the value fills: Zephyr's documentation
 * still shows it.
 */
int lwm2m_set_res_data(const struct lwm2m_obj_path *path,
                       void *data_ptr,
                       uint16_t data_len,
                       uint8_t data_flags);

/**
 * Sets the length of the value in a resource's buffer.
 *
 * @param path      The resource, or resource instance.
 * @param data_len  The length, a string's terminator included.
 *
 * @return As lwm2m_set_res_buf().
 */
int lwm2m_set_res_data_len(const struct lwm2m_obj_path *path, uint16_t data_len);

/**
 * Tells the buffer of a resource.
 *
 * @param path        The resource, or resource instance.
 * @param buffer_ptr  Takes the buffer's address.
 * @param buffer_len  Takes its room.
 * @param data_len    Takes the length of the value in it.
 * @param data_flags  Takes its flags.
 *
 * Any but the path may be NULL.
 *
 * @return As lwm2m_set_res_buf(). On error nothing is written.
 */
int lwm2m_get_res_buf(const struct lwm2m_obj_path *path,
                      void **buffer_ptr,
                      uint16_t *buffer_len,
                      uint16_t *data_len,
                      uint8_t *data_flags);

/**
 * Creates a resource instance of a multiple resource, without a value.
 *
 * @param path  Four numbers.
 *
 * @return 0; -EINVAL when the path is NULL or has fewer numbers, or the resource instance exists;
 *         -ENOENT when there is no such resource; -ENOMEM when it can have no more instances.
 *
 * Any thread, any callback.
 */
int lwm2m_create_res_inst(const struct lwm2m_obj_path *path);

/**
 * Deletes a resource instance. Its buffer is the application's again.
 *
 * @param path  Four numbers.
 *
 * @return 0; -EINVAL when the path is NULL or has fewer numbers; -ENOENT when there is no such
 *         resource instance.
 *
 * Any thread, any callback.
 */
int lwm2m_delete_res_inst(const struct lwm2m_obj_path *path);

/**
 * Registers the callback that gives the value, or its buffer, whenever the resource is read.
 *
 * @param path  The resource.
 * @param cb    The callback; NULL for none.
 *
 * @return 0; -EINVAL when the path is NULL or has fewer than three numbers; -ENOENT when there is
 *         no such resource.
 *
 * Any thread, any callback. The callback runs with the registry locked, in the library's thread
 * or in one that reads or writes the resource.
 */
int lwm2m_register_read_callback(const struct lwm2m_obj_path *path, lwm2m_engine_get_data_cb_t cb);

/**
 * Registers the callback that gives the buffer whenever the resource is to be written, see lwm2m_register_read_callback().
 */
int lwm2m_register_pre_write_callback(const struct lwm2m_obj_path *path,
                                      lwm2m_engine_get_data_cb_t cb);

/**
 * Registers the callback that judges a value before it is stored: a negative number refuses
 * it, see
 * lwm2m_register_read_callback(). -ENOTSUP when CONFIG_LWM2M_ENGINE_VALIDATION_BUFFER_SIZE is 0.
 */
int lwm2m_register_validate_callback(const struct lwm2m_obj_path *path,
                                     lwm2m_engine_set_data_cb_t cb);

/**
 * Registers the callback that hears of each value that was stored; a negative number is
 * reported to whoever wrote it, see
 * lwm2m_register_read_callback().
 */
int lwm2m_register_post_write_callback(const struct lwm2m_obj_path *path,
                                       lwm2m_engine_set_data_cb_t cb);

/**
 * Registers the callback that executes the resource, see lwm2m_register_read_callback().
 */
int lwm2m_register_exec_callback(const struct lwm2m_obj_path *path, lwm2m_engine_execute_cb_t cb);

/**
 * Registers the callback that hears of each instance of the object that was created; a negative
 * number takes the instance back.
 *
 * @param obj_id  The object.
 * @param cb      The callback; NULL for none.
 *
 * @return 0, or -ENOENT when there is no such object.
 *
 * Any thread, any callback. The callback runs with the registry locked.
 */
int lwm2m_register_create_callback(uint16_t obj_id, lwm2m_engine_user_cb_t cb);

/**
 * Registers the callback that hears of each instance of the object that is about to be deleted.
 *
 * @param obj_id  The object.
 * @param cb      The callback; NULL for none.
 *
 * @return 0, or -ENOENT when there is no such object.
 *
 * Any thread, any callback. The callback runs with the registry locked.
 */
int lwm2m_register_delete_callback(uint16_t obj_id, lwm2m_engine_user_cb_t cb);

/**
 * Caches a resource: from now on each value it is set to is kept with its time, and reported as a
 * series in SenML.
 *
 * @param path        The resource, or an instance of a multiple one; its type has a fixed size.
 * @param data_cache  Room for the samples, the library's from now on.
 * @param cache_len   How many samples that is. Zephyr's ring buffers cannot use more than 32 KiB
 *                    without CONFIG_RING_BUFFER_LARGE.
 *
 * @return 0; -EINVAL when the path is NULL or has fewer than three numbers, or there is no room;
 *         -ENOENT when there is no such resource or resource instance; -ENODATA when its values have
 *         no fixed size, or CONFIG_LWM2M_MAX_CACHED_RESOURCES are cached; -ENOTSUP without
 *         CONFIG_LWM2M_RESOURCE_DATA_CACHE_SUPPORT.
 *
 * Any thread, any callback. A resource that is cached already loses its samples and keeps its
 * filter.
 */
int lwm2m_enable_cache(const struct lwm2m_obj_path *path,
                       struct lwm2m_time_series_elem *data_cache,
                       size_t cache_len);

/**
 * Says which samples of a cached resource are kept.
 *
 * @param path       The resource, as lwm2m_enable_cache() had it.
 * @param filter_cb  Returns whether a sample is kept; NULL keeps all.
 *
 * @return 0; -EINVAL for a NULL path; -ENOENT when the resource is not cached; -ENOTSUP without
 *         CONFIG_LWM2M_RESOURCE_DATA_CACHE_SUPPORT.
 *
 * Any thread, any callback. The callback runs with the registry locked, in the thread that sets the
 * resource, when the value is stored.
 */
int lwm2m_set_cache_filter(const struct lwm2m_obj_path *path, lwm2m_cache_filter_cb_t filter_cb);

/**
 * Creates an object instance; the client updates its registration.
 *
 * @param path  Object and instance.
 *
 * @return 0, or
 *         -EINVAL: the path is NULL or has not two numbers, or the object cannot create instances;
 *         -ENOENT: there is no such object;
 *         -ENOMEM: it has as many instances as it can have;
 *         -EEXIST: it has this one;
 *         or the negative number that the create callback of the application returned.
 *
 * Any thread, any callback.
 */
int lwm2m_create_object_inst(const struct lwm2m_obj_path *path);

/**
 * Deletes an object instance; the client updates its registration, and observations of the
 * instance end.
 *
 * @param path  Object and instance.
 *
 * @return 0, or
 *         -EINVAL: the path is NULL or has not two numbers;
 *         -ENOENT: there is no such instance;
 *         or what the object's delete callback returned; the instance is gone all the same.
 *
 * Any thread, any callback, also one of this instance.
 */
int lwm2m_delete_object_inst(const struct lwm2m_obj_path *path);

/**
 * Adds an error code to the Device object's resource 11, unless it is there already.
 *
 * @param error_code  The code, 0 to 8 by the object's definition.
 *
 * @return 0; -ENOMEM when CONFIG_LWM2M_DEVICE_ERROR_CODE_MAX codes are there.
 *
 * Any thread, any callback.
 */
int lwm2m_device_add_err(uint8_t error_code);

/**
 * Sets how often those who observe the Device object's current time (3/0/13) are notified.
 *
 * @param period_ms  Milliseconds, counted from now; 0 ends the notifications for good.
 *
 * @return 0; 1 when they were ended; -ENOENT when they had been ended before.
 *
 * Any thread, any callback.
 */
int lwm2m_update_device_service_period(uint32_t period_ms);

/**
 * Sets the callback that takes the package, piece by piece as it arrives, for instance 0.
 *
 * @param cb  The callback; NULL for none.
 *
 * Any thread, any callback.
 */
void lwm2m_firmware_set_write_cb(lwm2m_engine_set_data_cb_t cb);

/**
 * The callback set with lwm2m_firmware_set_write_cb(), NULL for none. Any thread, any callback.
 */
lwm2m_engine_set_data_cb_t lwm2m_firmware_get_write_cb(void);

/**
 * Sets the callback that takes the package, piece by piece as it arrives.
 *
 * @param obj_inst_id  The instance.
 * @param cb           The callback; NULL for none.
 *
 * Any thread, any callback.
 */
void lwm2m_firmware_set_write_cb_inst(uint16_t obj_inst_id, lwm2m_engine_set_data_cb_t cb);

/**
 * The callback set with lwm2m_firmware_set_write_cb_inst(), NULL for none. Any thread, any callback.
 */
lwm2m_engine_set_data_cb_t lwm2m_firmware_get_write_cb_inst(uint16_t obj_inst_id);

/**
 * Sets the callback that hears that a package was discarded, for instance 0.
 *
 * @param cb  The callback; NULL for none.
 *
 * Any thread, any callback.
 */
void lwm2m_firmware_set_cancel_cb(lwm2m_engine_user_cb_t cb);

/**
 * The callback set with lwm2m_firmware_set_cancel_cb(), NULL for none. Any thread, any callback.
 */
lwm2m_engine_user_cb_t lwm2m_firmware_get_cancel_cb(void);

/**
 * Sets the callback that hears that a package was discarded.
 *
 * @param obj_inst_id  The instance.
 * @param cb           The callback; NULL for none.
 *
 * Any thread, any callback.
 */
void lwm2m_firmware_set_cancel_cb_inst(uint16_t obj_inst_id, lwm2m_engine_user_cb_t cb);

/**
 * The callback set with lwm2m_firmware_set_cancel_cb_inst(), NULL for none. Any thread, any callback.
 */
lwm2m_engine_user_cb_t lwm2m_firmware_get_cancel_cb_inst(uint16_t obj_inst_id);

/**
 * Sets the callback that Execute on Update (5/instance/2) runs, for instance 0.
 *
 * @param cb  The callback; NULL for none.
 *
 * Any thread, any callback.
 */
void lwm2m_firmware_set_update_cb(lwm2m_engine_execute_cb_t cb);

/**
 * The callback set with lwm2m_firmware_set_update_cb(), NULL for none. Any thread, any callback.
 */
lwm2m_engine_execute_cb_t lwm2m_firmware_get_update_cb(void);

/**
 * Sets the callback that Execute on Update (5/instance/2) runs.
 *
 * @param obj_inst_id  The instance.
 * @param cb           The callback; NULL for none.
 *
 * Any thread, any callback.
 */
void lwm2m_firmware_set_update_cb_inst(uint16_t obj_inst_id, lwm2m_engine_execute_cb_t cb);

/**
 * The callback set with lwm2m_firmware_set_update_cb_inst(), NULL for none. Any thread, any callback.
 */
lwm2m_engine_execute_cb_t lwm2m_firmware_get_update_cb_inst(uint16_t obj_inst_id);

/**
 * Sets the callback that Execute on Activate (9/instance/10) runs.
 *
 * @param obj_inst_id  The instance.
 * @param cb           The callback; NULL for none.
 *
 * @return 0; -ENOENT when there is no such instance.
 *
 * Any thread, any callback. The same holds for the other functions of this kind.
 */
int lwm2m_swmgmt_set_activate_cb(uint16_t obj_inst_id, lwm2m_engine_execute_cb_t cb);

/**
 * Sets the callback that Execute on Deactivate (9/instance/11) runs, see
 * lwm2m_swmgmt_set_activate_cb().
 */
int lwm2m_swmgmt_set_deactivate_cb(uint16_t obj_inst_id, lwm2m_engine_execute_cb_t cb);

/**
 * Sets the callback that Execute on Install (9/instance/4) runs, see
 * lwm2m_swmgmt_set_activate_cb(). It tells with lwm2m_swmgmt_install_completed() how that ended.
 */
int lwm2m_swmgmt_set_install_package_cb(uint16_t obj_inst_id, lwm2m_engine_execute_cb_t cb);

/**
 * Sets the callback that deletes the package, installed or not, see
 * lwm2m_swmgmt_set_activate_cb().
 */
int lwm2m_swmgmt_set_delete_package_cb(uint16_t obj_inst_id, lwm2m_engine_execute_cb_t cb);

/**
 * Sets the callback that gives the version (9/instance/1), see lwm2m_swmgmt_set_activate_cb().
 */
int lwm2m_swmgmt_set_read_package_version_cb(uint16_t obj_inst_id, lwm2m_engine_get_data_cb_t cb);

/**
 * Sets the callback that takes the package, piece by piece as it arrives, see
 * lwm2m_swmgmt_set_activate_cb().
 */
int lwm2m_swmgmt_set_write_package_cb(uint16_t obj_inst_id, lwm2m_engine_set_data_cb_t cb);

/**
 * Tells how an installation ended.
 *
 * @param obj_inst_id  The instance.
 * @param error_code   0 for success.
 *
 * @return 0; -EINVAL when there is no such instance, or none was going on.
 *
 * Any thread, any callback, also that of lwm2m_swmgmt_set_install_package_cb().
 */
int lwm2m_swmgmt_install_completed(uint16_t obj_inst_id, int error_code);

/**
 * Sets the callback that gives the log data (20/0/4014) whenever it is read.
 *
 * @param cb  The callback; NULL for none: what is in the resource's buffer is the log data.
 *
 * Any thread, any callback. Nothing happens while the object has no instance.
 */
void lwm2m_event_log_set_read_log_data_cb(lwm2m_engine_get_data_cb_t cb);

/**
 * Sets the Minimum Period of a path: for the observations of it and of what lies below it, those
 * there are and those to come. What lies below and has a period of its own keeps that.
 *
 * @param client_ctx  The context of the client.
 * @param path        Object, instance, resource or resource instance.
 * @param period_s    Seconds that are between two notifications at least, 0 for none.
 *
 * @return 0, or
 *         -EINVAL: a pointer is NULL;
 *         -ENOENT: there is nothing at the path;
 *         -EEXIST: the path has no numbers, or the Maximum Period is shorter;
 *         -EPERM: the resource cannot be read;
 *         -ENOMEM: CONFIG_LWM2M_NUM_ATTR attributes are set.
 *
 * Any thread, any callback.
 */
int lwm2m_update_observer_min_period(struct lwm2m_ctx *client_ctx,
                                     const struct lwm2m_obj_path *path,
                                     uint32_t period_s);

/**
 * Sets the Maximum Period of a path, see lwm2m_update_observer_min_period().
 *
 * @param client_ctx  The context of the client.
 * @param path        Object, instance, resource or resource instance.
 * @param period_s    Seconds that are between two notifications at most, 0 for any number.
 *
 * @return 0, or an error as there; -EEXIST also when the Minimum Period is longer.
 *
 * Any thread, any callback.
 */
int lwm2m_update_observer_max_period(struct lwm2m_ctx *client_ctx,
                                     const struct lwm2m_obj_path *path,
                                     uint32_t period_s);

/**
 * Sets the options that the library would set itself: to be called by a callback
 * `set_socketoptions` of the context that wants to set further ones.
 *
 * A socket without DTLS needs none.
 *
 * @param ctx  The context that the callback was given.
 *
 * @return 0; -EINVAL for NULL, or for an account without security; -EOPNOTSUPP for a security mode
 *         that there is no support for; the error number of an option that was refused.
 */
int lwm2m_set_default_sockopt(struct lwm2m_ctx *ctx);

/**
 * Sets the callback that sets options of the socket over which packages are fetched, before it is
 * connected. The context that the callback is given belongs to that connection and shows its
 * `sock_fd`.
 *
 * @param set_sockopt_cb  The callback; NULL for none.
 *
 * Any thread, any callback.
 */
void lwm2m_pull_context_set_sockopt_callback(lwm2m_set_sockopt_cb_t set_sockopt_cb);

/**
 * Sends the present values at the paths to the server.
 *
 * @param ctx             The context of the client.
 * @param path_list       What to send: objects, instances, resources.
 * @param path_list_size  How many, up to CONFIG_LWM2M_COMPOSITE_PATH_LIST_SIZE.
 * @param reply_cb        Hears how it ended, once; may be NULL.
 *
 * @return 0 when it is on its way; -EINVAL for a NULL context or list, or an empty one; -EPERM
 *         when the client is not registered with this context, the server has muted Send, or a
 *         path is not for servers; -E2BIG for too many paths; -ENOENT when a path names nothing
 *         that can be read; -ENOMEM when there is no room for the message; -ENOTSUP when the
 *         configuration has no Send.
 *
 * Any thread. The values are those of the moment, whatever is set afterwards; only from inside a
 * callback that serves a request they are those of the end of that request.
 */
int lwm2m_send_cb(struct lwm2m_ctx *ctx,
                  const struct lwm2m_obj_path *path_list,
                  uint8_t path_list_size,
                  lwm2m_send_cb_t reply_cb);

/**
 * Acknowledges the request in progress now, so that the server does not send it again while a
 * callback takes its time. The answer goes out in a message of its own when it is ready.
 *
 * To be called from inside a callback that serves a request. Nothing happens otherwise, for a
 * request that asks for no acknowledgement, and from the second call on.
 *
 * @param client_ctx  The client's context; NULL is ignored.
 */
void lwm2m_acknowledge(struct lwm2m_ctx *client_ctx);

/**
 * Writes the path as text, such as `3/0/1`, for a log line.
 *
 * @param buf   Takes the text; room for LWM2M_MAX_PATH_STR_SIZE bytes. May be NULL.
 * @param path  The path; NULL is written as `/`.
 *
 * @return `buf`.
 *
 * Any thread; nothing is locked. A path without numbers is written as `0`, as ever.
 */
char *lwm2m_path_log_buf(char *buf, struct lwm2m_obj_path *path);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* ZEPHYR_INCLUDE_NET_LWM2M_H_ */

#include <zephyr/net/lwm2m_macros.h>
