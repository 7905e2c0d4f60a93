/* SPDX-License-Identifier: Apache-2.0 */
/* A LwM2M server and Bootstrap-Server of the smallest kind, in a thread of its own: it accepts
 * Bootstrap-Request, registration, Update, De-register and Send, acknowledges what is confirmable, and
 * sends the requests of a test.
 */

#ifndef SERVER_H
#define SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the server counts. */
enum server_event {
	SERVER_REGISTERED,
	SERVER_UPDATED,
	SERVER_DEREGISTERED,
	SERVER_SEND,
	SERVER_NOTIFIED,
	SERVER_BOOTSTRAP_REQUESTED,
	SERVER_EVENTS,
};

enum { SERVER_MAX_PAYLOAD = 1280 };

/* Methods. */
enum { GET = 1, POST = 2, PUT = 3, DELETE = 4, FETCH = 5, IPATCH = 7 };

/* Content formats; NO_FORMAT leaves the option out. */
enum { TEXT_PLAIN = 0, OPAQUE = 42, TLV = 11542, SENML_CBOR = 112, NO_FORMAT = -1 };

/* A response code such as CODE(2, 05). */
#define CODE(class, detail) ((class) << 5 | (detail))

/* The answer to a request. */
struct answer {
	/* 0: there was none. */
	uint8_t code;
	/* An empty acknowledgement came first, the answer in a message of its own. */
	bool separate;
	size_t length;
	/* Terminated, so that text can be compared. */
	uint8_t payload[SERVER_MAX_PAYLOAD + 1];
};

/* Starts the server on a free port of 127.0.0.1 and returns the port. */
uint16_t server_start(void);

/* A port of 127.0.0.1 behind which nobody ever answers. */
uint16_t server_silent_port(void);

/* Sends a request to the client that registered, or asked for a bootstrap, last and waits for its answer. `format` is that of
 * the payload or, for GET, the one asked for. `observe` is the Observe option, -1 for none. The path may
 * end with queries: "3/0/9?pmin=1&pmax=2".
 */
struct answer server_observe(uint8_t method, const char *path, int format, const void *payload,
			     size_t length, int observe);

/* The same without Observe, and a payload that is text, or NULL. */
struct answer server_request(uint8_t method, const char *path, int format, const char *text);

/* How often something has happened. */
unsigned int server_count(enum server_event event);

/* Waits, up to ten seconds, until it has happened so often; a failure of the test otherwise. */
void server_wait(enum server_event event, unsigned int count);

/* Waits like server_wait(), then checks that it has not happened once more. */
void server_wait_exactly(enum server_event event, unsigned int count);

/* Asks the client for something until it has done all that was due at the time of the call, and the
 * server has received it. The client must be registered.
 */
void server_catch_up(void);

/* The payload of the last request or notification of that kind. */
size_t server_last_payload(enum server_event event, uint8_t *into, size_t room);

/* The queries of the last request of that kind, as "a&b&". */
void server_last_queries(enum server_event event, char *into, size_t room);

/* What is answered to requests of a kind from now on, success at first; 0 answers nothing. */
void server_answer(enum server_event event, uint8_t code);

/* What is answered to the next request of a kind, and to its repetitions, before the above counts again. */
void server_answer_once(enum server_event event, uint8_t code);

#endif /* SERVER_H */
