#define _GNU_SOURCE
#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../frames.h"

enum { READ_SIZE = 1 << 16, EVENTS = 512, JOIN_TIMEOUT_MS = 5000, WRITE_TIMEOUT_MS = 5000, TEXT_SIZE = 32 };

// More messages than one program sends.
static const unsigned long long MAX_MESSAGES = 1000000000;

#define MESSAGE_START "42[\"chat message\",\""

struct client {
    int socket;
    bool has_joined;
    // The expected number of the next message.
    unsigned long long expected;
    struct buffer input;
};

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(EXIT_FAILURE);
}

static _Noreturn void fail_with_errno(const char *call) {
    perror(call);
    exit(EXIT_FAILURE);
}

static void write_all(int socket, const unsigned char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(socket, bytes, count);
        if (written < 0 && errno == EAGAIN) {
            struct pollfd waiting = {.fd = socket, .events = POLLOUT};
            if (poll(&waiting, 1, WRITE_TIMEOUT_MS) < 1) fail("the server does not read");
            continue;
        }
        if (written < 0) fail_with_errno("write");
        bytes += written;
        count -= written;
    }
}

static void send_text(struct client *client, const char *text) {
    struct buffer output = {0};
    frame_append(&output, text, strlen(text), true);
    write_all(client->socket, output.bytes, output.count);
    buffer_free(&output);
}

// Every client must receive every message of this program once, in the order of sending. Those of others are ignored.
static void receive_message(struct crowd *crowd, struct client *client, const char *text) {
    unsigned long long number = strtoull(text, NULL, 10) - crowd->first;
    if (number >= MAX_MESSAGES) return;
    if (number != client->expected) fail("a message was lost, repeated or out of order");
    client->expected++;
    crowd->delivered++;
}

static bool starts_with(const struct frame *frame, const char *prefix) {
    size_t count = strlen(prefix);
    return frame->count > count && !memcmp(frame->payload, prefix, count);
}

static void receive(struct crowd *crowd, struct client *client, const struct frame *frame) {
    if (frame->opcode != FRAME_TEXT) fail("the server closed a connection");
    if (starts_with(frame, MESSAGE_START)) {
        receive_message(crowd, client, (const char *)frame->payload + strlen(MESSAGE_START));
    } else if (starts_with(frame, "43")) {
        if (!memmem(frame->payload, frame->count, "[]", 2)) fail("a message was refused");
        crowd->acknowledged++;
    } else if (starts_with(frame, "40")) {
        client->has_joined = true;
        crowd->joined++;
    } else if (frame->payload[0] == '2') {
        send_text(client, "3");
    } else if (!starts_with(frame, "0")) {
        fail("the server sent an unknown packet");
    }
}

static void read_client(struct crowd *crowd, struct client *client) {
    // All clients read into one buffer. Each keeps only the start of an incomplete frame.
    static unsigned char bytes[2 * READ_SIZE + FRAME_HEAD_MAX];
    size_t kept = client->input.count;
    if (kept > READ_SIZE + FRAME_HEAD_MAX) fail("a frame is too long");
    if (kept > 0) memcpy(bytes, client->input.bytes, kept);
    ssize_t count = read(client->socket, bytes + kept, READ_SIZE);
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0) fail_with_errno("read");
    if (count == 0) fail("the server ended a connection");
    size_t end = kept + count, start = 0, size;
    struct frame frame;
    while ((size = frame_read(bytes + start, end - start, &frame)) > 0) {
        receive(crowd, client, &frame);
        start += size;
    }
    buffer_free(&client->input);
    if (start < end) buffer_append(&client->input, bytes + start, end - start);
}

// Requests a WebSocket, and reads exactly the head of the answer.
static void shake_hands(int socket, int port) {
    char request[512], answer[1024];
    int count = snprintf(
        request, sizeof request,
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost:%d\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        port);
    write_all(socket, (unsigned char *)request, count);
    size_t length = 0;
    do {
        if (length == sizeof answer || read(socket, answer + length, 1) != 1) fail("no answer to the handshake");
        length++;
    } while (length < 4 || memcmp(answer + length - 4, "\r\n\r\n", 4));
    if (memcmp(answer, "HTTP/1.1 101", 12)) fail("the server refused the handshake");
}

static void open_client(struct crowd *crowd, struct client *client, int port) {
    int on = 1;
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port)};
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    client->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client->socket < 0) fail_with_errno("socket");
    setsockopt(client->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(client->socket, (struct sockaddr *)&server, sizeof server)) fail_with_errno("connect");
    shake_hands(client->socket, port);
    fcntl(client->socket, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    if (epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, client->socket, &event)) fail_with_errno("epoll_ctl");
    send_text(client, "40");
}

void crowd_open(struct crowd *crowd, int count, int port, int sender) {
    *crowd = (struct crowd){.count = count, .first = sender * MAX_MESSAGES};
    crowd->clients = calloc(count, sizeof *crowd->clients);
    crowd->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!crowd->clients || crowd->epoll < 0) fail_with_errno("the clients");
    for (int i = 0; i < count; i++) {
        open_client(crowd, &crowd->clients[i], port);
        crowd_turn(crowd, 0);
    }
    while (crowd->joined < count) {
        if (!crowd_turn(crowd, JOIN_TIMEOUT_MS)) fail("clients have not joined in 5 s");
    }
}

void crowd_send(struct crowd *crowd, int count, bool wants_acknowledgement) {
    struct buffer output = {0};
    char text[256], number[TEXT_SIZE + 1], acknowledgement[24] = "";
    for (int i = 0; i < count; i++, crowd->sent++) {
        int digits = snprintf(number, sizeof number, "%llu ", crowd->first + crowd->sent);
        memset(number + digits, 'x', TEXT_SIZE - digits);
        number[TEXT_SIZE] = 0;
        if (wants_acknowledgement) snprintf(acknowledgement, sizeof acknowledgement, "%llu", crowd->sent);
        int length = snprintf(
            text, sizeof text, "42%s[\"chat message\",\"%s\",\"%d-%llu\"]", acknowledgement, number, getpid(),
            crowd->sent);
        frame_append(&output, text, length, true);
    }
    write_all(crowd->clients[0].socket, output.bytes, output.count);
    buffer_free(&output);
}

bool crowd_turn(struct crowd *crowd, int milliseconds) {
    struct epoll_event events[EVENTS];
    int count = epoll_wait(crowd->epoll, events, EVENTS, milliseconds);
    if (count < 0 && errno != EINTR) fail_with_errno("epoll_wait");
    for (int i = 0; i < count; i++) read_client(crowd, events[i].data.ptr);
    return count > 0;
}
