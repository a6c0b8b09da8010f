// A growing array of bytes. One that owns nothing is all zeros.
#pragma once

#include <stddef.h>

struct buffer {
    unsigned char *bytes;
    size_t count, capacity;
};

// Makes room for so many bytes behind those that are there, and returns where they go.
unsigned char *buffer_reserve(struct buffer *buffer, size_t count);

void buffer_append(struct buffer *buffer, const void *bytes, size_t count);

// Removes bytes from the front. An empty buffer owns no memory afterwards.
void buffer_remove(struct buffer *buffer, size_t count);

void buffer_free(struct buffer *buffer);
