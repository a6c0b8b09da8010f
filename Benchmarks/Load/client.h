// Clients of a chat server, by WebSocket, on one epoll loop. What goes wrong ends the program: there is no figure then.
#pragma once

#include <stdbool.h>

#include "../buffer.h"

// What has happened to all clients of a crowd.
struct crowd {
    struct client *clients;
    int count;
    int joined;
    unsigned long long sent, delivered, acknowledged;
    int epoll;
};

// Connects so many clients to 127.0.0.1 and waits until each has joined the main namespace.
void crowd_open(struct crowd *crowd, int count, int port);

// Lets the first client send so many chat messages by one write.
void crowd_send(struct crowd *crowd, int count, bool wants_acknowledgement);

// Waits for something to read, and reads it. Returns false when nothing has come in that time.
bool crowd_turn(struct crowd *crowd, int milliseconds);
