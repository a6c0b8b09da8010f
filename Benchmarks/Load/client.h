// WebSocket clients of a chat server on one epoll loop. Any error ends the program without a figure.
#pragma once

#include <stdbool.h>

#include "../buffer.h"

// A set of clients with common counters.
struct crowd {
    struct client *clients;
    int count;
    int joined;
    unsigned long long sent, delivered, acknowledged;
    // The number of the first message.
    unsigned long long first;
    int epoll;
};

// Connects `count` clients to 127.0.0.1 and waits until each has joined the main namespace. Each program that sends
// messages to the same clients needs a number of its own as `sender`.
void crowd_open(struct crowd *crowd, int count, int port, int sender);

// Sends `count` chat messages from the first client in one write.
void crowd_send(struct crowd *crowd, int count, bool wants_acknowledgement);

// Waits for input and reads it. Returns false on a timeout.
bool crowd_turn(struct crowd *crowd, int milliseconds);
