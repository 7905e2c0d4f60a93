/* SPDX-License-Identifier: Apache-2.0 */
/* Zephyr filters its log by module, and a module is a C file. Each of those files includes this one
 * behind a definition of MODULE (the name applications and test suites know) and FUNCTION.
 */
#include <zephyr/logging/log.h>

LOG_MODULE_REGISTER(MODULE, CONFIG_LWM2M_LOG_LEVEL);

void FUNCTION(uint8_t level, const char *text);

void FUNCTION(uint8_t level, const char *text)
{
	switch (level) {
	case LOG_LEVEL_ERR:
		LOG_ERR("%s", text);
		break;
	case LOG_LEVEL_WRN:
		LOG_WRN("%s", text);
		break;
	default:
		LOG_INF("%s", text);
		break;
	}
}
