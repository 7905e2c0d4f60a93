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
enum { PATIENCE_S = 10, AGAIN_S = 2, TOKEN_LENGTH = 4, MAX_DATAGRAM = 2048, REMEMBERED = 16 };

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
	char queries[128];
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
static uint8_t codes[SERVER_EVENTS] = {
	[SERVER_REGISTERED] = CODE(2, 1),
	[SERVER_UPDATED] = CODE(2, 4),
	[SERVER_DEREGISTERED] = CODE(2, 2),
	[SERVER_SEND] = CODE(2, 4),
	[SERVER_BOOTSTRAP_REQUESTED] = CODE(2, 4),
};
/* An answer for one message only: it is pending, or belongs to a message. */
static struct {
	bool pending;
	bool given;
	uint8_t code;
	uint16_t id;
} once[SERVER_EVENTS];
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
	char queries[128];
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

/* Appends a part of a path or a query, with the separator where it belongs. */
static void append(char *text, size_t room, const char *before, const uint8_t *part, size_t size,
		   const char *after)
{
	size_t used = strlen(text);

	(void)snprintf(&text[used], room - used, "%s%.*s%s", used == 0 ? "" : before, (int)size,
		       (const char *)part, after);
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
			append(message->path, sizeof(message->path), "/", at, size, "");
		} else if (option == URI_QUERY) {
			append(message->queries, sizeof(message->queries), "", at, size, "&");
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
	memcpy(last[event].queries, message->queries, sizeof(message->queries));
	last[event].length = message->length;
	if (message->length > 0) {
		memcpy(last[event].bytes, message->payload, message->length);
	}
	pthread_cond_broadcast(&changed);
}

/* What a client asks for; SERVER_EVENTS if it is none of what there is here. */
static enum server_event asked(const struct received *message)
{
	static const struct {
		uint8_t method;
		const char *path;
		enum server_event event;
	} known[] = {
		{POST, "rd", SERVER_REGISTERED},      {POST, "rd/1", SERVER_UPDATED},
		{DELETE, "rd/1", SERVER_DEREGISTERED}, {POST, "dp", SERVER_SEND},
		{POST, "bs", SERVER_BOOTSTRAP_REQUESTED},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].method == message->code &&
		    strcmp(known[i].path, message->path) == 0) {
			return known[i].event;
		}
	}
	return SERVER_EVENTS;
}

static uint8_t code_for(enum server_event event, const struct received *message)
{
	if (once[event].pending && !repeated) {
		once[event].pending = false;
		once[event].given = true;
		once[event].id = message->id;
	}
	if (once[event].given && once[event].id == message->id) {
		return once[event].code;
	}
	return codes[event];
}

/* Answers what a client asks. */
static void serve(const struct received *message, const struct sockaddr_in *from)
{
	enum server_event event = asked(message);
	struct message reply;
	uint8_t code = CODE(4, 4);

	if (event != SERVER_EVENTS) {
		/* In queue mode it may have another address each time it is heard. */
		client = *from;
		code = code_for(event, message);
		count(event, message);
		if (code == 0) {
			return;
		}
	}
	begin(&reply, ACK, code, message->id, message->token, message->token_length);
	if (code == CODE(2, 1)) {
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

/* Binds a socket to a free port, which is returned. */
static uint16_t bound(int *fd)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (*fd < 0 || bind(*fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    getsockname(*fd, (struct sockaddr *)&address, &length) != 0) {
		perror("server");
		exit(2);
	}
	return ntohs(address.sin_port);
}

uint16_t server_start(void)
{
	uint16_t port = bound(&server);
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, NULL) != 0) {
		perror("server");
		exit(2);
	}
	pthread_detach(thread);
	return port;
}

uint16_t server_silent_port(void)
{
	/* Open as long as the test runs. */
	static int silent;

	return bound(&silent);
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
	struct timespec next;
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
	/* A client that is being paused or resumed, or connects anew, may not hear it the first time. */
	do {
		transmit(&message, &client);
		(void)clock_gettime(CLOCK_REALTIME, &next);
		next.tv_sec += AGAIN_S;
		while (request.open && pthread_cond_timedwait(&changed, &mutex, &next) == 0) {
		}
	} while (request.open && next.tv_sec < end.tv_sec);
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

void server_last_queries(enum server_event event, char *into, size_t room)
{
	pthread_mutex_lock(&mutex);
	(void)snprintf(into, room, "%s", last[event].queries);
	pthread_mutex_unlock(&mutex);
}

void server_answer_once(enum server_event event, uint8_t code)
{
	pthread_mutex_lock(&mutex);
	once[event].pending = true;
	once[event].given = false;
	once[event].code = code;
	pthread_mutex_unlock(&mutex);
}

void server_answer(enum server_event event, uint8_t code)
{
	pthread_mutex_lock(&mutex);
	codes[event] = code;
	pthread_mutex_unlock(&mutex);
}
