// A growing array of bytes. All fields of an empty one are zero.
#pragma once

#include <stddef.h>

struct buffer {
    unsigned char *bytes;
    size_t count, capacity;
};

// Reserves room for `count` bytes after the existing ones, and returns its start.
unsigned char *buffer_reserve(struct buffer *buffer, size_t count);

void buffer_append(struct buffer *buffer, const void *bytes, size_t count);

// Removes bytes from the front. An empty buffer owns no memory afterwards.
void buffer_remove(struct buffer *buffer, size_t count);

void buffer_free(struct buffer *buffer);
