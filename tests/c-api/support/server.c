/* SPDX-License-Identifier: Apache-2.0 */
#include "server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

enum { CON, NON, ACK, RST };
enum {
	OBSERVE = 6,
	LOCATION_PATH = 8,
	URI_PATH = 11,
	CONTENT_FORMAT = 12,
	URI_QUERY = 15,
	ACCEPT = 17
};
enum { PATIENCE_S = 10, TOKEN_LENGTH = 4, MAX_DATAGRAM = 2048, REMEMBERED = 16 };

/* A message being written. */
struct message {
	uint8_t bytes[MAX_DATAGRAM];
	size_t length;
	unsigned int option;
};

/* A message as it came. */
struct received {
	uint8_t type;
	uint8_t code;
	uint16_t id;
	uint8_t token[8];
	size_t token_length;
	char path[64];
	bool observe;
	const uint8_t *payload;
	size_t length;
};

static int server;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

/* All below is guarded by the mutex. */
static struct sockaddr_in client;
static unsigned int counts[SERVER_EVENTS];
static uint8_t send_code = CODE(2, 4);
/* The confirmable messages that came last, and whether the present one is among them: a client that
 * waits for a slow machine sends again.
 */
static uint32_t confirmable[REMEMBERED];
static unsigned int next_confirmable;
static bool repeated;
static uint16_t next_id = 1000;
static uint32_t next_token = 1;
static struct {
	uint8_t bytes[SERVER_MAX_PAYLOAD];
	size_t length;
} last[SERVER_EVENTS];
static struct {
	bool open;
	uint16_t id;
	uint8_t token[TOKEN_LENGTH];
	struct answer answer;
} request;

static void begin(struct message *message, uint8_t type, uint8_t code, uint16_t id,
		  const uint8_t *token, size_t token_length)
{
	message->bytes[0] = (uint8_t)(0x40 | type << 4 | token_length);
	message->bytes[1] = code;
	message->bytes[2] = (uint8_t)(id >> 8);
	message->bytes[3] = (uint8_t)id;
	if (token_length > 0) {
		memcpy(&message->bytes[4], token, token_length);
	}
	message->length = 4 + token_length;
	message->option = 0;
}

/* Options come in ascending order and are short. */
static void put_option(struct message *message, unsigned int number, const void *value,
		       size_t length)
{
	unsigned int delta = number - message->option;
	uint8_t *at = &message->bytes[message->length];

	if (delta < 13) {
		*at++ = (uint8_t)(delta << 4 | length);
	} else {
		*at++ = (uint8_t)(13 << 4 | length);
		*at++ = (uint8_t)(delta - 13);
	}
	memcpy(at, value, length);
	message->length = (size_t)(at - message->bytes) + length;
	message->option = number;
}

static void put_number(struct message *message, unsigned int number, unsigned int value)
{
	uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};

	if (value == 0) {
		put_option(message, number, bytes, 0);
	} else if (value < 256) {
		put_option(message, number, &bytes[1], 1);
	} else {
		put_option(message, number, bytes, 2);
	}
}

/* Puts an option for each part of a text up to `length`. */
static void put_parts(struct message *message, unsigned int number, const char *text, size_t length,
		      const char *separator)
{
	const char *end = text + length;

	while (text < end) {
		size_t part = strcspn(text, separator);

		part = part > (size_t)(end - text) ? (size_t)(end - text) : part;
		put_option(message, number, text, part);
		text += part + 1;
	}
}

static void put_path(struct message *message, unsigned int number, const char *path)
{
	put_parts(message, number, path, strlen(path), "/");
}

static void put_payload(struct message *message, const void *payload, size_t length)
{
	if (length > 0) {
		message->bytes[message->length++] = 0xff;
		memcpy(&message->bytes[message->length], payload, length);
		message->length += length;
	}
}

static void transmit(const struct message *message, const struct sockaddr_in *to)
{
	(void)sendto(server, message->bytes, message->length, 0, (const struct sockaddr *)to,
		     sizeof(*to));
}

static bool parse(const uint8_t *bytes, size_t length, struct received *message)
{
	const uint8_t *at = bytes + 4;
	const uint8_t *end = bytes + length;
	unsigned int option = 0;

	memset(message, 0, sizeof(*message));
	if (length < 4) {
		return false;
	}
	message->type = bytes[0] >> 4 & 3;
	message->code = bytes[1];
	message->id = (uint16_t)(bytes[2] << 8 | bytes[3]);
	message->token_length = bytes[0] & 15;
	if (message->token_length > 8 || at + message->token_length > end) {
		return false;
	}
	memcpy(message->token, at, message->token_length);
	at += message->token_length;
	while (at < end && *at != 0xff) {
		unsigned int delta = *at >> 4;
		size_t size = *at++ & 15;

		delta = delta == 13 ? 13U + *at++ : delta;
		size = size == 13 ? 13U + *at++ : size;
		if (delta > 300 || size > 300 || at + size > end) {
			return false;
		}
		option += delta;
		if (option == URI_PATH) {
			size_t used = strlen(message->path);

			(void)snprintf(&message->path[used], sizeof(message->path) - used,
				       "%s%.*s", used == 0 ? "" : "/", (int)size,
				       (const char *)at);
		}
		message->observe |= option == OBSERVE;
		at += size;
	}
	if (at < end) {
		message->payload = at + 1;
		message->length = (size_t)(end - at) - 1;
	}
	return true;
}

static void count(enum server_event event, const struct received *message)
{
	if (repeated) {
		return;
	}
	counts[event]++;
	last[event].length = message->length;
	if (message->length > 0) {
		memcpy(last[event].bytes, message->payload, message->length);
	}
	pthread_cond_broadcast(&changed);
}

/* Answers what a client asks. */
static void serve(const struct received *message, const struct sockaddr_in *from)
{
	struct message reply;
	uint8_t code = CODE(4, 4);
	bool location = false;

	if (strcmp(message->path, "rd") == 0 && message->code == POST) {
		client = *from;
		code = CODE(2, 1);
		location = true;
		count(SERVER_REGISTERED, message);
	} else if (strcmp(message->path, "rd/1") == 0 && message->code == POST) {
		code = CODE(2, 4);
		count(SERVER_UPDATED, message);
	} else if (strcmp(message->path, "rd/1") == 0 && message->code == DELETE) {
		code = CODE(2, 2);
		count(SERVER_DEREGISTERED, message);
	} else if (strcmp(message->path, "dp") == 0 && message->code == POST) {
		code = send_code;
		count(SERVER_SEND, message);
		if (code == 0) {
			return;
		}
	}
	begin(&reply, ACK, code, message->id, message->token, message->token_length);
	if (location) {
		put_path(&reply, LOCATION_PATH, "rd/1");
	}
	transmit(&reply, from);
}

/* Takes a response: to the test's request, or of an observation. */
static void take(const struct received *message)
{
	bool awaited = request.open && message->token_length == TOKEN_LENGTH &&
		       memcmp(message->token, request.token, TOKEN_LENGTH) == 0;

	if (message->type == CON) {
		struct message reply;

		begin(&reply, ACK, 0, message->id, NULL, 0);
		transmit(&reply, &client);
	}
	if (awaited && message->code != 0) {
		request.answer.code = message->code;
		request.answer.length = message->length;
		if (message->length > 0) {
			memcpy(request.answer.payload, message->payload, message->length);
		}
		request.answer.payload[message->length] = 0;
		request.open = false;
		pthread_cond_broadcast(&changed);
	} else if (request.open && message->code == 0 && message->id == request.id) {
		request.answer.separate = true;
	} else if (message->observe) {
		count(SERVER_NOTIFIED, message);
	}
}

static bool is_repeated(const struct received *message, const struct sockaddr_in *from)
{
	const uint32_t key = (uint32_t)message->id << 16 | from->sin_port;

	if (message->type != CON) {
		return false;
	}
	for (size_t i = 0; i < REMEMBERED; i++) {
		if (confirmable[i] == key) {
			return true;
		}
	}
	confirmable[next_confirmable++ % REMEMBERED] = key;
	return false;
}

static void *run(void *unused)
{
	(void)unused;
	for (;;) {
		uint8_t bytes[MAX_DATAGRAM];
		struct sockaddr_in from;
		socklen_t from_length = sizeof(from);
		struct received message;
		ssize_t length = recvfrom(server, bytes, sizeof(bytes), 0,
					  (struct sockaddr *)&from, &from_length);

		if (length < 0 || !parse(bytes, (size_t)length, &message)) {
			continue;
		}
		pthread_mutex_lock(&mutex);
		repeated = is_repeated(&message, &from);
		if (message.code >= 1 && message.code < 32) {
			serve(&message, &from);
		} else {
			take(&message);
		}
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

uint16_t server_start(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof(address);
	pthread_t thread;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server = socket(AF_INET, SOCK_DGRAM, 0);
	if (server < 0 || bind(server, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    getsockname(server, (struct sockaddr *)&address, &length) != 0 ||
	    pthread_create(&thread, NULL, run, NULL) != 0) {
		perror("server");
		exit(2);
	}
	pthread_detach(thread);
	return ntohs(address.sin_port);
}

static struct timespec deadline(void)
{
	struct timespec end;

	(void)clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += PATIENCE_S;
	return end;
}

struct answer server_observe(uint8_t method, const char *path, int format, const void *payload,
			     size_t length, int observe)
{
	struct timespec end = deadline();
	const char *queries;
	struct message message;
	struct answer answer;

	pthread_mutex_lock(&mutex);
	memset(&request, 0, sizeof(request));
	request.open = true;
	request.id = next_id++;
	memcpy(request.token, &next_token, TOKEN_LENGTH);
	next_token++;
	begin(&message, CON, method, request.id, request.token, TOKEN_LENGTH);
	if (observe >= 0) {
		put_number(&message, OBSERVE, (unsigned int)observe);
	}
	queries = strchr(path, '?');
	put_parts(&message, URI_PATH, path,
		  queries == NULL ? strlen(path) : (size_t)(queries - path), "/");
	if (format >= 0 && method != GET) {
		put_number(&message, CONTENT_FORMAT, (unsigned int)format);
	}
	if (queries != NULL) {
		put_parts(&message, URI_QUERY, queries + 1, strlen(queries + 1), "&");
	}
	if (format >= 0 && method == GET) {
		put_number(&message, ACCEPT, (unsigned int)format);
	}
	put_payload(&message, payload, length);
	transmit(&message, &client);
	while (request.open && pthread_cond_timedwait(&changed, &mutex, &end) == 0) {
	}
	request.open = false;
	answer = request.answer;
	pthread_mutex_unlock(&mutex);
	return answer;
}

struct answer server_request(uint8_t method, const char *path, int format, const char *text)
{
	return server_observe(method, path, format, text, text == NULL ? 0 : strlen(text), -1);
}

unsigned int server_count(enum server_event event)
{
	unsigned int now;

	pthread_mutex_lock(&mutex);
	now = counts[event];
	pthread_mutex_unlock(&mutex);
	return now;
}

void server_wait(enum server_event event, unsigned int count)
{
	struct timespec end = deadline();

	pthread_mutex_lock(&mutex);
	while (counts[event] < count && pthread_cond_timedwait(&changed, &mutex, &end) == 0) {
	}
	if (counts[event] < count) {
		(void)fprintf(stderr, "event %d of the server: %u times, not %u\n", (int)event,
			      counts[event], count);
		atomic_fetch_add(&check_failures, 1);
	}
	pthread_mutex_unlock(&mutex);
}

void server_wait_exactly(enum server_event event, unsigned int count)
{
	server_wait(event, count);
	server_catch_up();
	CHECK_EQUAL(server_count(event), count);
}

void server_catch_up(void)
{
	/* The first answer may overtake what is due, which an acknowledgement may have to come before. */
	for (int i = 0; i < 3; i++) {
		CHECK_EQUAL(server_request(GET, "65000", NO_FORMAT, NULL).code, CODE(4, 4));
	}
}

size_t server_last_payload(enum server_event event, uint8_t *into, size_t room)
{
	size_t length;

	pthread_mutex_lock(&mutex);
	length = last[event].length < room ? last[event].length : room;
	memcpy(into, last[event].bytes, length);
	pthread_mutex_unlock(&mutex);
	return length;
}

void server_answer_send(uint8_t code)
{
	pthread_mutex_lock(&mutex);
	send_code = code;
	pthread_mutex_unlock(&mutex);
}
