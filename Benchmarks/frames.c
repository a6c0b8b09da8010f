#include "frames.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IS_FINAL = 0x80, IS_MASKED = 0x80, COUNT_IN_16_BITS = 126, COUNT_IN_64_BITS = 127, MASK_SIZE = 4 };

static const unsigned char mask[MASK_SIZE] = {0x12, 0x34, 0x56, 0x78};

void frame_append(struct buffer *buffer, const char *text, size_t count, bool is_masked) {
    unsigned char *out = buffer_reserve(buffer, FRAME_HEAD_MAX + count), *start = out;
    unsigned char mask_bit = is_masked ? IS_MASKED : 0;
    *out++ = IS_FINAL | FRAME_TEXT;
    if (count < COUNT_IN_16_BITS) {
        *out++ = mask_bit | count;
    } else {
        *out++ = mask_bit | COUNT_IN_16_BITS;
        *out++ = count >> 8;
        *out++ = count & 0xff;
    }
    if (is_masked) {
        memcpy(out, mask, MASK_SIZE);
        out += MASK_SIZE;
        for (size_t i = 0; i < count; i++) out[i] = text[i] ^ mask[i % MASK_SIZE];
    } else {
        memcpy(out, text, count);
    }
    buffer->count += out - start + count;
}

size_t frame_read(unsigned char *bytes, size_t count, struct frame *frame) {
    if (count < 2) return 0;
    size_t head = 2, payload = bytes[1] & 0x7f;
    if (payload == COUNT_IN_64_BITS) {
        fprintf(stderr, "a frame of more than 65535 bytes\n");
        exit(EXIT_FAILURE);
    }
    if (payload == COUNT_IN_16_BITS) {
        if (count < 4) return 0;
        head = 4;
        payload = bytes[2] << 8 | bytes[3];
    }
    bool is_masked = bytes[1] & IS_MASKED;
    const unsigned char *key = bytes + head;
    if (is_masked) head += MASK_SIZE;
    if (count < head + payload) return 0;
    *frame = (struct frame){.opcode = bytes[0] & 0x0f, .payload = bytes + head, .count = payload};
    if (is_masked) {
        for (size_t i = 0; i < payload; i++) frame->payload[i] ^= key[i % MASK_SIZE];
    }
    return head + payload;
}
