/* SPDX-License-Identifier: MIT */
/* Bytes of a protocol buffer. Without memory it fails as a whole. */
#ifndef CLINIC_PROTO_H
#define CLINIC_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct proto {
    unsigned char *bytes; /* seed_release() */
    size_t length, room;
    bool failed;
};

/* A field that is 0 is left out. */
void seed__proto_number(struct proto *proto, unsigned field, uint64_t value);
void seed__proto_bytes(struct proto *proto, unsigned field, const void *bytes,
    size_t length);
void seed__proto_text(struct proto *proto, unsigned field, const char *text);

/* A message within, which is empty again. */
void seed__proto_message(struct proto *proto, unsigned field,
    struct proto *inner);

/* A number alone, as packed lists have them. */
void seed__proto_varint(struct proto *proto, uint64_t value);

#endif
