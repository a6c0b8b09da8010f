#include "buffer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned char *buffer_reserve(struct buffer *buffer, size_t count) {
    if (buffer->capacity - buffer->count < count) {
        buffer->capacity = (buffer->count + count) * 2;
        buffer->bytes = realloc(buffer->bytes, buffer->capacity);
        if (!buffer->bytes) {
            perror("realloc");
            exit(EXIT_FAILURE);
        }
    }
    return buffer->bytes + buffer->count;
}

void buffer_append(struct buffer *buffer, const void *bytes, size_t count) {
    memcpy(buffer_reserve(buffer, count), bytes, count);
    buffer->count += count;
}

void buffer_remove(struct buffer *buffer, size_t count) {
    buffer->count -= count;
    if (buffer->count > 0) {
        memmove(buffer->bytes, buffer->bytes + count, buffer->count);
    } else {
        buffer_free(buffer);
    }
}

void buffer_free(struct buffer *buffer) {
    free(buffer->bytes);
    *buffer = (struct buffer){0};
}
