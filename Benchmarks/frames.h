// WebSocket frames of up to 65535 bytes (RFC 6455, section 5.2), whole messages only.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"

// The most bytes before the payload of a masked frame.
enum { FRAME_HEAD_MAX = 8, FRAME_TEXT = 0x1, FRAME_CLOSE = 0x8 };

struct frame {
    int opcode;
    unsigned char *payload;
    size_t count;
};

// Appends a text frame. Clients must mask their frames.
void frame_append(struct buffer *buffer, const char *text, size_t count, bool is_masked);

// Finds the first frame of the bytes, and unmasks it in place.
// Returns its total size, or 0 if it is incomplete.
size_t frame_read(unsigned char *bytes, size_t count, struct frame *frame);
