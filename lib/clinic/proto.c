/* SPDX-License-Identifier: MIT */
#include "clinic/proto.h"

#include <seed/server.h>

#include <string.h>

enum { VARINT = 0, LENGTH = 2 }; /* kinds of fields */

static void add(struct proto *proto, const void *bytes, size_t length)
{
    size_t room = proto->room ? proto->room : 256;
    unsigned char *grown;

    while (room - proto->length < length)
        room *= 2;
    if (!proto->failed && room > proto->room) {
        grown = seed_resize(proto->bytes, room);
        proto->failed = !grown;
        proto->bytes = grown ? grown : proto->bytes;
        proto->room = grown ? room : proto->room;
    }
    if (proto->failed || !length)
        return;
    memcpy(proto->bytes + proto->length, bytes, length);
    proto->length += length;
}

void seed__proto_varint(struct proto *proto, uint64_t value)
{
    unsigned char bytes[10];
    size_t length = 0;

    for (; value > 0x7f; value >>= 7)
        bytes[length++] = (unsigned char)(value | 0x80);
    bytes[length++] = (unsigned char)value;
    add(proto, bytes, length);
}

void seed__proto_number(struct proto *proto, unsigned field, uint64_t value)
{
    if (!value)
        return;
    seed__proto_varint(proto, field << 3 | VARINT);
    seed__proto_varint(proto, value);
}

void seed__proto_bytes(struct proto *proto, unsigned field, const void *bytes,
    size_t length)
{
    seed__proto_varint(proto, field << 3 | LENGTH);
    seed__proto_varint(proto, length);
    add(proto, bytes, length);
}

void seed__proto_text(struct proto *proto, unsigned field, const char *text)
{
    seed__proto_bytes(proto, field, text, strlen(text));
}

void seed__proto_message(struct proto *proto, unsigned field,
    struct proto *inner)
{
    proto->failed = proto->failed || inner->failed;
    seed__proto_bytes(proto, field, inner->bytes, inner->length);
    inner->length = 0;
}
