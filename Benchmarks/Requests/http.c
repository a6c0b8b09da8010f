#define _GNU_SOURCE
#include "http.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../frames.h"

enum { REQUEST_SIZE = 512, RECEIVE_TIMEOUT_S = 5 };

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(EXIT_FAILURE);
}

int http_connect(int port) {
    int on = 1, connected = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval timeout = {.tv_sec = RECEIVE_TIMEOUT_S};
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port)};
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(connected, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(connected, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    if (connect(connected, (struct sockaddr *)&server, sizeof server)) fail("the server does not accept");
    return connected;
}

void http_send(int socket, const char *bytes, size_t count) {
    if (write(socket, bytes, count) != (ssize_t)count) fail("the server does not read");
}

void http_read(int socket, char *bytes, size_t count) {
    if (recv(socket, bytes, count, MSG_WAITALL) != (ssize_t)count) fail("an answer is missing or incomplete");
}

static void check_status(const char *answer, int status) {
    if (strncmp(answer, "HTTP/1.1 ", 9) || atoi(answer + 9) != status) {
        fprintf(stderr, "the answer has another status than %d: %.40s\n", status, answer);
        exit(EXIT_FAILURE);
    }
}

void http_read_answer(int socket, int status, char answer[ANSWER_SIZE]) {
    // Looks at the bytes first, so that a frame behind the head is left for the next call.
    char *end = NULL;
    for (ssize_t count = 0; !end;) {
        ssize_t seen = recv(socket, answer, ANSWER_SIZE - 1, MSG_PEEK);
        if (seen < 1 || (seen == count && seen == ANSWER_SIZE - 1)) fail("an answer is missing or too long");
        count = seen;
        answer[count] = 0;
        end = strstr(answer, "\r\n\r\n");
    }
    size_t count = end + 4 - answer;
    const char *length = strcasestr(answer, "\r\nContent-Length:");
    if (length && length < end) count += atoi(length + strlen("\r\nContent-Length:"));
    if (count >= ANSWER_SIZE) fail("an answer is too long");
    http_read(socket, answer, count);
    answer[count] = 0;
    check_status(answer, status);
}

void http_read_to_end(int socket) {
    char bytes[ANSWER_SIZE];
    ssize_t count = recv(socket, bytes, sizeof bytes - 1, 0);
    if (count < 1) fail("an answer is missing");
    bytes[count] = 0;
    check_status(bytes, 200);
    while ((count = recv(socket, bytes, sizeof bytes, 0)) > 0) continue;
    if (count < 0) fail("the server does not close a connection");
}

struct session session_open(int port) {
    static const char request[] = "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n\r\n";
    char answer[ANSWER_SIZE];
    struct session session;
    int connected = http_connect(port);
    http_send(connected, request, strlen(request));
    http_read_answer(connected, 200, answer);
    const char *id = strstr(answer, "\"sid\":\"");
    if (!id || sscanf(id + strlen("\"sid\":\""), "%31[^\"]", session.id) != 1) fail("an answer has no session id");
    close(connected);
    return session;
}

void session_post(const struct session *session, int socket) {
    char request[REQUEST_SIZE], answer[ANSWER_SIZE];
    int count = snprintf(
        request, sizeof request,
        "POST /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: localhost\r\n"
        "Content-Type: text/plain\r\nContent-Length: 1\r\n\r\n3",
        session->id);
    http_send(socket, request, count);
    http_read_answer(socket, 200, answer);
}

void session_probe(const struct session *session, int socket) {
    static const char expected[] = "\x81\x06" "3probe";
    char request[REQUEST_SIZE], answer[ANSWER_SIZE];
    int count = snprintf(
        request, sizeof request,
        "GET /socket.io/?EIO=4&transport=websocket&sid=%s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        session->id);
    struct buffer output = {0};
    buffer_append(&output, request, count);
    frame_append(&output, "2probe", strlen("2probe"), true);
    http_send(socket, (const char *)output.bytes, output.count);
    buffer_free(&output);
    http_read_answer(socket, 101, answer);
    http_read(socket, answer, strlen(expected));
    if (memcmp(answer, expected, strlen(expected))) fail("a probe has another answer");
}
