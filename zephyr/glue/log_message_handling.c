/* SPDX-License-Identifier: Apache-2.0 */
#define MODULE   net_lwm2m_message_handling
#define FUNCTION lwm2m_rs_log_message_handling
#include "log.h"
