/* SPDX-License-Identifier: Apache-2.0 */
/* Sends a log line to the file of its module; the numbers are those of rust/zephyr/src/log.rs. */
#include "platform.h"

void lwm2m_rs_log_engine(uint8_t level, const char *text);
void lwm2m_rs_log_rd_client(uint8_t level, const char *text);
void lwm2m_rs_log_message_handling(uint8_t level, const char *text);

void lwm2m_rs_log(uint8_t level, uint8_t module, const char *text)
{
	switch (module) {
	case 1:
		lwm2m_rs_log_rd_client(level, text);
		break;
	case 2:
		lwm2m_rs_log_message_handling(level, text);
		break;
	default:
		lwm2m_rs_log_engine(level, text);
		break;
	}
}
