// The smallest possible chat server, as a reference for chatd's cost. Not for real use.
//
//     floor [DATABASE]
//
// One thread and one room. It understands only the load generator's requests: it answers one WebSocket key, has no
// heartbeat, no history and no limits, and checks nothing. It sends the messages of a turn to each client in one write.
// With a database it first stores them in one transaction, and acknowledges them.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../buffer.h"
#include "../frames.h"
#include "store.h"

enum { READ_SIZE = 1 << 17, EVENTS = 512, BACKLOG = 4096, MAX_CONNECTIONS = 1 << 16 };

#define UPGRADED \
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" \
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
#define OPENED \
    "0{\"sid\":\"floor\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}"
#define JOINED "40{\"sid\":\"floor\"}"
#define MESSAGE_START "[\"chat message\",\""
#define BETWEEN_ARGUMENTS "\",\""
#define MESSAGE_END "\"]"

struct connection {
    int socket;
    bool is_upgraded;
    int place;
    // Incomplete input, output that the kernel has not accepted, and acknowledgements to send after this turn's
    // messages.
    struct buffer input, output, acknowledgements;
};

static int epoll;
static struct store *store;
static struct connection *members[MAX_CONNECTIONS];
static int member_count;
static struct buffer batch;
static long long last_id;

static void expect(bool is_right, const char *call) {
    if (is_right) return;
    perror(call);
    exit(EXIT_FAILURE);
}

static void watch(struct connection *connection, int operation) {
    uint32_t events = EPOLLIN | (connection->output.count > 0 ? EPOLLOUT : 0);
    struct epoll_event event = {.events = events, .data.ptr = connection};
    expect(epoll_ctl(epoll, operation, connection->socket, &event) == 0, "epoll_ctl");
}

// Bytes that the kernel does not accept wait. The next read reports an error.
static void send_bytes(struct connection *connection, const void *bytes, size_t count) {
    ssize_t taken = 0;
    if (connection->output.count == 0) {
        taken = write(connection->socket, bytes, count);
        if (taken < 0) taken = 0;
        if ((size_t)taken == count) return;
    }
    bool is_first = connection->output.count == 0;
    buffer_append(&connection->output, (const char *)bytes + taken, count - taken);
    if (is_first) watch(connection, EPOLL_CTL_MOD);
}

static void send_more(struct connection *connection) {
    ssize_t taken = write(connection->socket, connection->output.bytes, connection->output.count);
    if (taken <= 0) return;
    buffer_remove(&connection->output, taken);
    if (connection->output.count == 0) watch(connection, EPOLL_CTL_MOD);
}

static void send_text(struct connection *connection, const char *text) {
    struct buffer frame = {0};
    frame_append(&frame, text, strlen(text), false);
    send_bytes(connection, frame.bytes, frame.count);
    buffer_free(&frame);
}

static void close_connection(struct connection *connection) {
    if (connection->place >= 0) {
        members[connection->place] = members[--member_count];
        members[connection->place]->place = connection->place;
    }
    close(connection->socket);
    buffer_free(&connection->input);
    buffer_free(&connection->output);
    buffer_free(&connection->acknowledgements);
    free(connection);
}

// 42ACK["chat message","TEXT","OFFSET"]; ACK is optional.
static void receive_message(struct connection *connection, const char *packet, size_t count) {
    const char *end = packet + count - strlen(MESSAGE_END);
    const char *start = memmem(packet, count, MESSAGE_START, strlen(MESSAGE_START));
    const char *text = start + strlen(MESSAGE_START);
    const char *middle = memmem(text, end - text, BETWEEN_ARGUMENTS, strlen(BETWEEN_ARGUMENTS));
    const char *offset = middle + strlen(BETWEEN_ARGUMENTS);
    long long id = store ? store_insert(store, text, middle - text, offset, end - offset) : ++last_id;
    char out[512];
    int length = snprintf(out, sizeof out, "42%.*s\",%lld]", (int)(middle - start), start, id);
    frame_append(&batch, out, length, false);
    int digits = start - packet - 2;
    if (digits > 0) {
        length = snprintf(out, sizeof out, "43%.*s[]", digits, packet + 2);
        frame_append(&connection->acknowledgements, out, length, false);
    }
}

static void receive(struct connection *connection, const struct frame *frame) {
    const char *packet = (const char *)frame->payload;
    if (frame->count >= 2 && !memcmp(packet, "40", 2)) {
        connection->place = member_count;
        members[member_count++] = connection;
        send_text(connection, JOINED);
    } else if (frame->count > 2 && !memcmp(packet, "42", 2)) {
        receive_message(connection, packet, frame->count);
    }
}

static void upgrade(struct connection *connection) {
    connection->is_upgraded = true;
    send_bytes(connection, UPGRADED, strlen(UPGRADED));
    send_text(connection, OPENED);
}

static void read_connection(struct connection *connection) {
    static unsigned char bytes[2 * READ_SIZE];
    size_t kept = connection->input.count;
    if (kept > 0) memcpy(bytes, connection->input.bytes, kept);
    ssize_t count = read(connection->socket, bytes + kept, READ_SIZE);
    if (count <= 0) {
        close_connection(connection);
        return;
    }
    size_t end = kept + count, start = 0, size;
    if (!connection->is_upgraded) {
        unsigned char *head_end = memmem(bytes, end, "\r\n\r\n", 4);
        start = head_end ? (size_t)(head_end + 4 - bytes) : 0;
        if (head_end) upgrade(connection);
    }
    struct frame frame;
    while (connection->is_upgraded && (size = frame_read(bytes + start, end - start, &frame)) > 0) {
        receive(connection, &frame);
        start += size;
    }
    buffer_free(&connection->input);
    if (start < end) buffer_append(&connection->input, bytes + start, end - start);
}

static void accept_connections(int listener) {
    int socket, on = 1;
    while ((socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct connection *connection = calloc(1, sizeof *connection);
        expect(connection, "calloc");
        connection->socket = socket;
        connection->place = -1;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(connection, EPOLL_CTL_ADD);
    }
}

// Commits the messages of the turn, and sends them to all clients.
static void deliver(void) {
    if (batch.count == 0) return;
    if (store) store_commit(store);
    for (int i = 0; i < member_count; i++) {
        struct connection *member = members[i];
        if (member->acknowledgements.count == 0) {
            send_bytes(member, batch.bytes, batch.count);
            continue;
        }
        struct buffer both = {0};
        buffer_append(&both, batch.bytes, batch.count);
        buffer_append(&both, member->acknowledgements.bytes, member->acknowledgements.count);
        send_bytes(member, both.bytes, both.count);
        buffer_free(&both);
        buffer_free(&member->acknowledgements);
    }
    batch.count = 0;
}

static int listen_on_free_port(void) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    expect(listener >= 0, "socket");
    expect(bind(listener, (struct sockaddr *)&address, size) == 0, "bind");
    expect(listen(listener, BACKLOG) == 0, "listen");
    expect(getsockname(listener, (struct sockaddr *)&address, &size) == 0, "getsockname");
    printf("server running at http://localhost:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static void raise_descriptor_limit(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max < MAX_CONNECTIONS ? limit.rlim_max : MAX_CONNECTIONS;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int count, char **arguments) {
    signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    if (count > 1) store = store_open(arguments[1]);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    int listener = listen_on_free_port();
    // The event data of a connection is its pointer; the listener's is null.
    struct epoll_event event = {.events = EPOLLIN}, events[EVENTS];
    expect(epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) == 0, "epoll_ctl");
    for (;;) {
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            if (!connection) {
                accept_connections(listener);
                continue;
            }
            if (events[i].events & EPOLLOUT) send_more(connection);
            if (events[i].events & ~EPOLLOUT) read_connection(connection);
        }
        deliver();
    }
}
