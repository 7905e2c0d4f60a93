/* SPDX-License-Identifier: Apache-2.0 */
#define MODULE   net_lwm2m_engine
#define FUNCTION lwm2m_rs_log_engine
#include "log.h"
