/* SPDX-License-Identifier: MIT */
/* The strict reader of a request head (RFC 9112 2 to 6, RFC 9110 5).
 *
 * Bytes in, verdict out; nothing is allocated. It may be asked again and again
 * while bytes arrive: it goes on at the line where it stopped, so that a head
 * that comes byte by byte gets the same verdict for about the same work. */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* Every verdict: status of the answer and the sentence for it. */
#define HEAD_VERDICTS(X)                                                      \
    X(OK, 0, "the head is whole and good")                                    \
    X(MORE, 0, "the head is not whole yet")                                   \
    X(BAD_LINE, 400, "the request line is malformed")                         \
    X(BAD_LINE_END, 400, "a line does not end with CR LF")                    \
    X(BAD_EMPTY_LINES, 400, "too many empty lines before the request")        \
    X(BAD_METHOD, 400, "the method is not a token")                           \
    X(TLS, 400, "this port speaks plain HTTP, not TLS: ask it by http://")    \
    X(BAD_TARGET, 400, "the target is not allowed")                           \
    X(BAD_VERSION, 400, "the version is malformed")                           \
    X(OTHER_VERSION, 505, "only HTTP/1 is spoken here")                       \
    X(BAD_NAME, 400, "a field name is malformed")                             \
    X(BAD_VALUE, 400, "a field value holds a control character")              \
    X(FOLDED, 400, "a field line is folded")                                  \
    X(NO_HOST, 400, "an HTTP/1.1 request needs a Host field")                 \
    X(TWO_HOSTS, 400, "there is more than one Host field")                    \
    X(BAD_HOST, 400, "the Host field is malformed")                           \
    X(BAD_LENGTH, 400, "the Content-Length is not a number")                  \
    X(TWO_LENGTHS, 400, "there is more than one Content-Length")              \
    X(LENGTH_AND_CODING, 400, "Content-Length and Transfer-Encoding exclude " \
                              "each other")                                   \
    X(CODING_IN_10, 400, "HTTP/1.0 has no Transfer-Encoding")                 \
    X(BAD_CODING, 400, "chunked must be the last transfer coding, once")      \
    X(OTHER_CODING, 501, "no transfer coding but chunked is supported")       \
    X(TRACE_CONTENT, 400, "a TRACE request has no content")                   \
    X(UNKNOWN_METHOD, 501, "this method is not implemented")                  \
    X(MISDIRECTED, 421, "this host asks its clients for other certificates "  \
                        "than this connection's")                             \
    X(BAD_EXPECT, 417, "only 100-continue can be expected")                   \
    X(LONG_LINE, 414, "the request line is too long")                         \
    X(LONG_FIELD, 431, "a field line is too long")                            \
    X(LONG_HEAD, 431, "the head is too long")                                 \
    X(MANY_FIELDS, 431, "the head has too many fields")

enum head_verdict {
#define X(name, status, text) HEAD_##name,
    HEAD_VERDICTS(X)
#undef X
    HEAD_VERDICT_COUNT
};

int seed__head_status(enum head_verdict verdict);
const char *seed__head_sentence(enum head_verdict verdict);

struct head_limits {
    size_t line, field, head; /* bytes; head at most 65,535 */
    size_t fields;
};

/* Offsets from the first byte of the head, so that a copy of the bytes keeps
 * its fields. Values are without the white space around them. */
struct field {
    uint16_t name, name_length;
    uint16_t value, value_length;
};

struct head {
    /* The verdict's facts, valid after HEAD_OK. */
    uint16_t method, method_length;
    uint16_t target, target_length;
    uint16_t host, host_length; /* value of the Host field; 0, 0 without one */
    uint8_t minor;              /* 0 or 1; 1.2 to 1.9 are 1                  */
    bool chunked;
    bool has_length;
    bool keep_alive;      /* RFC 9112 9.3                                     */
    bool expect_continue; /* never for HTTP/1.0                               */
    uint64_t length;      /* Content-Length; 0 without one                    */
    uint32_t size;        /* bytes of the whole head, leading CR LF included  */
    uint16_t count;       /* fields                                           */

    struct field *fields; /* the caller's, `room` of them */
    uint16_t room;

    /* Where to go on. */
    uint8_t phase;
    uint8_t seen;         /* framing fields met so far */
    uint32_t line;        /* where the line that is not whole begins */
};

/* Starts a new head. */
void seed__head_begin(struct head *head, struct field *fields, uint16_t room);

/* Judges what has arrived of it: `bytes` is the whole head so far, from its
 * first byte, `length` all that is there (what follows the head is not looked
 * at). After MORE, call again with more bytes, which may have moved.
 *
 * The method is judged as a token, the target by its form and method (RFC 9112
 * 3.2). Whether the method is known is not judged here. CONNECT's target
 * passes in authority form only. */
enum head_verdict seed__head_check(struct head *head, const char *bytes,
    size_t length, const struct head_limits *limits);

#endif
