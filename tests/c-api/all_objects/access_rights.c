/* SPDX-License-Identifier: Apache-2.0 */
/* A server's rights, as a server meets them. */

#include <string.h>

#include <zephyr/net/lwm2m.h>

#include "lwm2m_obj_access_control.h"
#include "lwm2m_object.h"

#include "support/check.h"
#include "support/client.h"
#include "support/server.h"

#define SENSOR(id) &LWM2M_OBJ(IPSO_OBJECT_TEMP_SENSOR_ID, id)
#define SENSOR_VALUE(id) &LWM2M_OBJ(IPSO_OBJECT_TEMP_SENSOR_ID, id, 5700)

/* The Access Control instance for a target, and who owns it. */
static int entry_of(uint16_t object, uint16_t instance, uint16_t *owner)
{
	uint16_t id;

	for (id = 0; id < CONFIG_LWM2M_ACCESS_CONTROL_INSTANCE_COUNT; id++) {
		uint16_t controlled = 0;
		uint16_t controlled_instance = 0;

		if (lwm2m_get_u16(&LWM2M_OBJ(LWM2M_OBJECT_ACCESS_CONTROL_ID, id, 0),
				  &controlled) == 0 &&
		    lwm2m_get_u16(&LWM2M_OBJ(LWM2M_OBJECT_ACCESS_CONTROL_ID, id, 1),
				  &controlled_instance) == 0 &&
		    controlled == object && controlled_instance == instance) {
			CHECK_EQUAL(lwm2m_get_u16(
					    &LWM2M_OBJ(LWM2M_OBJECT_ACCESS_CONTROL_ID, id, 3),
					    owner),
				    0);
			return id;
		}
	}
	return -1;
}

/* Gives the server these rights at an instance. */
static void grant(uint16_t instance, uint16_t rights)
{
	uint16_t owner = 0;
	const int id = entry_of(IPSO_OBJECT_TEMP_SENSOR_ID, instance, &owner);
	const struct lwm2m_obj_path path =
		LWM2M_OBJ(LWM2M_OBJECT_ACCESS_CONTROL_ID, (uint16_t)id, 2,
			  CONFIG_LWM2M_SERVER_DEFAULT_SSID);

	CHECK(id >= 0);
	(void)lwm2m_create_res_inst(&path);
	CHECK_EQUAL(lwm2m_set_u16(&path, rights), 0);
}

static uint8_t code(uint8_t method, const char *path, int format, const char *text)
{
	return server_request(method, path, format, text).code;
}

static void owner_may_everything(void)
{
	uint16_t owner = 0;

	CHECK(entry_of(IPSO_OBJECT_TEMP_SENSOR_ID, 0, &owner) >= 0);
	CHECK_EQUAL(owner, CONFIG_LWM2M_SERVER_DEFAULT_SSID);
	CHECK_EQUAL(code(GET, "3303/0/5700", TEXT_PLAIN, NULL), CODE(2, 05));
	CHECK_EQUAL(code(PUT, "3303/0/5750", TEXT_PLAIN, "oven"), CODE(2, 04));
	CHECK_EQUAL(code(POST, "3303/0/5605", NO_FORMAT, NULL), CODE(2, 04));
}

static void each_right_counts(void)
{
	grant(0, 1 << LWM2M_OP_WRITE);
	/* As long as there is no other server this one is not asked for rights. */
	CHECK_EQUAL(code(GET, "3303/0/5700", TEXT_PLAIN, NULL), CODE(2, 05));
	CHECK_EQUAL(lwm2m_create_object_inst(&LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 1)), 0);
	CHECK_EQUAL(code(GET, "3303/0/5700", TEXT_PLAIN, NULL), CODE(4, 01));
	CHECK_EQUAL(code(GET, "3303/0", TLV, NULL), CODE(4, 01));
	CHECK_EQUAL(code(PUT, "3303/0/5750", TEXT_PLAIN, "oven"), CODE(2, 04));
	CHECK_EQUAL(code(POST, "3303/0/5605", NO_FORMAT, NULL), CODE(4, 01));
	CHECK_EQUAL(code(DELETE, "3303/0", NO_FORMAT, NULL), CODE(4, 01));
	grant(0, 1 << LWM2M_OP_READ);
	CHECK_EQUAL(code(GET, "3303/0/5700", TEXT_PLAIN, NULL), CODE(2, 05));
	CHECK_EQUAL(code(PUT, "3303/0/5750", TEXT_PLAIN, "oven"), CODE(4, 01));
	CHECK_EQUAL(code(GET, "3303/9/5700", TEXT_PLAIN, NULL), CODE(4, 04));
	CHECK_EQUAL(code(GET, "2", TLV, NULL), CODE(2, 05));
	CHECK_EQUAL(code(GET, "0/0/0", TEXT_PLAIN, NULL), CODE(4, 01));
	/* What may not be read is left out of the object. */
	CHECK_EQUAL(lwm2m_create_object_inst(SENSOR(1)), 0);
	grant(1, 1 << LWM2M_OP_WRITE);
	CHECK(server_request(GET, "3303", TLV, NULL).length > 0);
	grant(0, 1 << LWM2M_OP_DELETE);
	CHECK_EQUAL(code(GET, "3303", TLV, NULL), CODE(4, 01));
	CHECK_EQUAL(code(DELETE, "3303/0", NO_FORMAT, NULL), CODE(2, 02));
}

static void what_it_creates_is_its_own(void)
{
	uint16_t owner = 0;

	CHECK_EQUAL(code(POST, "3303", TLV, ""), CODE(2, 01));
	CHECK(entry_of(IPSO_OBJECT_TEMP_SENSOR_ID, 0, &owner) >= 0);
	CHECK_EQUAL(owner, CONFIG_LWM2M_SERVER_DEFAULT_SSID);
	CHECK_EQUAL(code(DELETE, "3303/0", NO_FORMAT, NULL), CODE(2, 02));
	CHECK_EQUAL(entry_of(IPSO_OBJECT_TEMP_SENSOR_ID, 0, &owner), -1);
}

int main(void)
{
	const uint16_t port = server_start();
	static char application[16];

	CHECK_EQUAL(lwm2m_create_object_inst(SENSOR(0)), 0);
	CHECK_EQUAL(lwm2m_set_res_buf(&LWM2M_OBJ(IPSO_OBJECT_TEMP_SENSOR_ID, 0, 5750), application,
				      sizeof(application), 1, 0),
		    0);
	client_account(port);
	CHECK_EQUAL(lwm2m_rd_client_start(&client, "rights", 0, client_event, NULL), 0);
	client_wait(LWM2M_RD_CLIENT_EVENT_REGISTRATION_COMPLETE, 1);
	owner_may_everything();
	each_right_counts();
	what_it_creates_is_its_own();
	CHECK_EQUAL(lwm2m_rd_client_stop(&client, client_event, true), 0);
	client_wait(LWM2M_RD_CLIENT_EVENT_DISCONNECT, 1);
	return CHECK_RESULT();
}
