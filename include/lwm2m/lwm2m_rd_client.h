/* SPDX-License-Identifier: Apache-2.0 */
/* The client for those who look closer than applications. Any thread. */

#ifndef LWM2M_RD_CLIENT_H
#define LWM2M_RD_CLIENT_H

#include <stdbool.h>

#include <zephyr/net/lwm2m.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Has the client send an Update soon, with its objects and instances if asked for. */
void engine_trigger_update(bool update_objects);

/* Bootstraps the client anew once a second has passed. 0, or -EPERM: a bootstrap goes on, the client
 * does not run, or the configuration has no bootstrap.
 */
int engine_trigger_bootstrap(void);

/* Pauses the client and ends the pause, see lwm2m_engine_pause(). 0, or -EPERM: the client was
 * never started; there is no pause.
 */
int lwm2m_rd_client_pause(void);
int lwm2m_rd_client_resume(void);

/* Whether the client runs with this context, and is registered, or paused. */
bool lwm2m_rd_client_is_registred(struct lwm2m_ctx *client_ctx);
bool lwm2m_rd_client_is_suspended(struct lwm2m_ctx *client_ctx);

/* Makes a context that of the client before it is started. NULL is ignored. */
void lwm2m_rd_client_set_ctx(struct lwm2m_ctx *ctx);

#ifdef __cplusplus
}
#endif

#endif /* LWM2M_RD_CLIENT_H */
