// A blocking HTTP client, and Engine.IO sessions over polling. Any error ends the program without a figure.
#pragma once

#include <stddef.h>

enum { ANSWER_SIZE = 1024, SESSION_ID_SIZE = 32 };

struct session {
    char id[SESSION_ID_SIZE];
};

// Connects to 127.0.0.1. Returns the socket.
int http_connect(int port);

// Sends a whole request or frame.
void http_send(int socket, const char *bytes, size_t count);

// Reads an answer with Content-Length, or the head of one without. Ends the program if its status is another one.
void http_read_answer(int socket, int status, char answer[ANSWER_SIZE]);

// Reads until the server closes the connection. Ends the program if the status is not 200.
void http_read_to_end(int socket);

// Reads exactly `count` bytes.
void http_read(int socket, char *bytes, size_t count);

// Opens a session over polling, on a connection of its own.
struct session session_open(int port);

// Sends the session a pong by POST, and reads the answer.
void session_post(const struct session *session, int socket);

// Requests a WebSocket for the session with a probe right behind the request, and reads the answer to the probe.
void session_probe(const struct session *session, int socket);
