/* SPDX-License-Identifier: Apache-2.0 */
/* With the shell the client's context lists the observations, as lwm2m_observation.h describes them. */

#include <stdio.h>
#include <string.h>

#include <zephyr/net/lwm2m.h>

#include "lwm2m_observation.h"

#include "support/check.h"
#include "support/client.h"
#include "support/server.h"

/* The list as a text: for each observation a letter, c for a composite one, and its paths. */
static const char *listed(void)
{
	static char text[200];
	struct observe_node *observer;
	struct lwm2m_obj_path_list *entry;
	char path[LWM2M_MAX_PATH_STR_SIZE];

	text[0] = '\0';
	lwm2m_registry_lock();
	SYS_SLIST_FOR_EACH_CONTAINER(&client.observer, observer, node) {
		CHECK(observer->tkl > 0 && observer->format == SENML_CBOR);
		strcat(text, observer->composite ? "c" : "s");
		SYS_SLIST_FOR_EACH_CONTAINER(&observer->path_list, entry, node) {
			strcat(strcat(text, " "), lwm2m_path_log_buf(path, &entry->path));
		}
		strcat(text, ";");
	}
	lwm2m_registry_unlock();
	return text;
}

/* Waits until the list is this one. */
static void check_listed(const char *expected)
{
	for (int i = 0; i < 100 && strcmp(listed(), expected) != 0; i++) {
		k_sleep(K_MSEC(20));
	}
	if (strcmp(listed(), expected) != 0) {
		printf("listed: %s\n", listed());
		CHECK(false);
	}
}

int main(void)
{
	/* [{0: "/3303/0"}, {0: "/3/0/0"}] */
	static const char paths[] = "\x82\xa1\x00\x67/3303/0\xa1\x00\x66/3/0/0";
	struct answer answer;

	CHECK_EQUAL(lwm2m_create_object_inst(&LWM2M_OBJ(IPSO_OBJECT_TEMP_SENSOR_ID, 0)), 0);
	client_register();
	check_listed("");

	answer = server_observe(GET, "3303", SENML_CBOR, NULL, 0, 0);
	CHECK_EQUAL(answer.code, CODE(2, 05));
	answer = server_observe(FETCH, "", SENML_CBOR, paths, sizeof(paths) - 1, 0);
	CHECK_EQUAL(answer.code, CODE(2, 05));
	/* A path below one that is observed already is no less observed. */
	answer = server_observe(GET, "3303/0/5700", SENML_CBOR, NULL, 0, 0);
	CHECK_EQUAL(answer.code, CODE(2, 05));
	check_listed("s 3303;c 3/0/0 3303/0;s 3303/0/5700;");

	CHECK_EQUAL(lwm2m_delete_object_inst(&LWM2M_OBJ(IPSO_OBJECT_TEMP_SENSOR_ID, 0)), 0);
	check_listed("s 3303;c 3/0/0;");
	client_stop();
	check_listed("");
	return CHECK_RESULT();
}
