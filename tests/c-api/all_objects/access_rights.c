/* SPDX-License-Identifier: Apache-2.0 */
/* A server's rights, as a server meets them. */

#include <stdio.h>
#include <string.h>

#include <zephyr/net/lwm2m.h>

#include "lwm2m_obj_access_control.h"
#include "lwm2m_object.h"

#include "support/check.h"
#include "support/client.h"
#include "support/server.h"

/* The Short Server ID of the other server. */
#define OTHER 77

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

/* Who has an instance from now on. */
static void hand_over(uint16_t instance, uint16_t owner)
{
	uint16_t before = 0;
	const int id = entry_of(IPSO_OBJECT_TEMP_SENSOR_ID, instance, &before);

	CHECK_EQUAL(lwm2m_set_u16(&LWM2M_OBJ(LWM2M_OBJECT_ACCESS_CONTROL_ID, (uint16_t)id, 3),
				  owner),
		    0);
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
	CHECK_EQUAL(lwm2m_set_u16(&LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 1, 0), OTHER), 0);
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
}

static void what_may_not_be_read_is_left_out_of_the_object(void)
{
	CHECK_EQUAL(lwm2m_create_object_inst(SENSOR(1)), 0);
	grant(1, 1 << LWM2M_OP_WRITE);
	CHECK(server_request(GET, "3303", TLV, NULL).length > 0);
	grant(0, 1 << LWM2M_OP_DELETE);
	CHECK_EQUAL(code(GET, "3303", TLV, NULL), CODE(4, 01));
	CHECK_EQUAL(code(DELETE, "3303/0", NO_FORMAT, NULL), CODE(2, 02));
}

/* Its owner writes the entries and the owner of an instance, but not what it speaks of; nobody else
 * writes any of it.
 */
static void only_the_owner_gives_rights(void)
{
	uint16_t owner = 0;
	const int id = entry_of(IPSO_OBJECT_TEMP_SENSOR_ID, 0, &owner);
	char target[16];
	char entry[32];
	char theirs[16];

	(void)snprintf(target, sizeof(target), "2/%d/0", id);
	(void)snprintf(entry, sizeof(entry), "2/%d/2/%d", id, OTHER);
	(void)snprintf(theirs, sizeof(theirs), "2/%d/3", id);
	CHECK_EQUAL(owner, CONFIG_LWM2M_SERVER_DEFAULT_SSID);
	CHECK_EQUAL(code(PUT, target, TEXT_PLAIN, "3"), CODE(4, 05));
	target[strlen(target) - 1] = '1';
	CHECK_EQUAL(code(PUT, target, TEXT_PLAIN, "1"), CODE(4, 05));
	CHECK_EQUAL(code(PUT, entry, TEXT_PLAIN, "1"), CODE(2, 04));
	/* Once it has given it away it has nothing to say any more. */
	CHECK_EQUAL(code(PUT, theirs, TEXT_PLAIN, "77"), CODE(2, 04));
	CHECK_EQUAL(code(PUT, theirs, TEXT_PLAIN, "101"), CODE(4, 01));
	CHECK_EQUAL(code(PUT, entry, TEXT_PLAIN, "3"), CODE(4, 01));
	CHECK_EQUAL(code(GET, theirs, TEXT_PLAIN, NULL), CODE(2, 05));
	CHECK_EQUAL(code(DELETE, "2/0", NO_FORMAT, NULL), CODE(4, 05));
	CHECK_EQUAL(code(POST, "2", TLV, ""), CODE(4, 05));
	hand_over(0, CONFIG_LWM2M_SERVER_DEFAULT_SSID);
}

static void an_observation_ends_with_the_right_to_read(void)
{
	unsigned int told;

	grant(0, 1 << LWM2M_OP_READ);
	CHECK_EQUAL(server_observe(GET, "3303/0/5700", TEXT_PLAIN, NULL, 0, 0).code, CODE(2, 05));
	CHECK_EQUAL(lwm2m_set_f64(SENSOR_VALUE(0), 1.5), 0);
	server_catch_up();
	told = server_count(SERVER_NOTIFIED);
	CHECK_EQUAL(told, 1);
	grant(0, 1 << LWM2M_OP_WRITE);
	CHECK(lwm2m_path_is_observed(SENSOR_VALUE(0)));
	CHECK_EQUAL(lwm2m_set_f64(SENSOR_VALUE(0), 2.5), 0);
	server_catch_up();
	/* It is told 4.01, and is no observer from then on, whatever right it is given. */
	CHECK(!lwm2m_path_is_observed(SENSOR_VALUE(0)));
	grant(0, 1 << LWM2M_OP_READ);
	CHECK_EQUAL(lwm2m_set_f64(SENSOR_VALUE(0), 3.5), 0);
	server_catch_up();
	CHECK_EQUAL(server_count(SERVER_NOTIFIED), told);
}

/* What the other server owned is nobody's when its account is gone; this one has the rights of an only
 * server then, and again those it was given as soon as there is another.
 */
static void nobody_inherits_rights(void)
{
	grant(0, 1 << LWM2M_OP_READ);
	hand_over(0, OTHER);
	CHECK_EQUAL(code(PUT, "3303/0/5750", TEXT_PLAIN, "kiln"), CODE(4, 01));
	CHECK_EQUAL(lwm2m_delete_object_inst(&LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 1)), 0);
	CHECK_EQUAL(code(PUT, "3303/0/5750", TEXT_PLAIN, "kiln"), CODE(2, 04));
	CHECK_EQUAL(lwm2m_create_object_inst(&LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 1)), 0);
	CHECK_EQUAL(lwm2m_set_u16(&LWM2M_OBJ(LWM2M_OBJECT_SERVER_ID, 1, 0), OTHER + 1), 0);
	CHECK_EQUAL(code(PUT, "3303/0/5750", TEXT_PLAIN, "kiln"), CODE(4, 01));
	CHECK_EQUAL(code(GET, "3303/0/5700", TEXT_PLAIN, NULL), CODE(2, 05));
	hand_over(0, CONFIG_LWM2M_SERVER_DEFAULT_SSID);
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
	only_the_owner_gives_rights();
	an_observation_ends_with_the_right_to_read();
	nobody_inherits_rights();
	what_may_not_be_read_is_left_out_of_the_object();
	what_it_creates_is_its_own();
	CHECK_EQUAL(lwm2m_rd_client_stop(&client, client_event, true), 0);
	client_wait(LWM2M_RD_CLIENT_EVENT_DISCONNECT, 1);
	return CHECK_RESULT();
}
