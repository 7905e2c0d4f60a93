/* SPDX-License-Identifier: Apache-2.0 */
#define MODULE   net_lwm2m_rd_client
#define FUNCTION lwm2m_rs_log_rd_client
#include "log.h"
