/* SPDX-License-Identifier: MIT */
/* A real loop on a loopback listener, and clients whose sockets the test
 * holds. Nothing runs by itself: the loop turns when the test lets it.
 *
 * What handlers and hooks see is one line, the log: "open", "after:200",
 * "half", "gone", "body:5", "end", "drain", "close". */
#ifndef UNIT_WIRE_RIG_H
#define UNIT_WIRE_RIG_H

#include "flow/req.h"
#include "wire/conn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct rig {
    struct loop *loop;
    struct plan plan;
    struct flow flow;
    struct event_base *base;  /* the application's own, or NULL */
    struct evhttp *evhttp;
    struct seed_options options;
    const struct mover_maker *maker; /* of the listener's movers, or NULL */
    int port;
    seed_req *waiting;        /* of "/wait", "/lent-later", ... */
    struct evhttp_request *lent;
    char log[4096];
    char reply[1 << 16];
    size_t length;            /* of the reply */
    bool stopped;
};

/* The routes: /hello, /wait, /echo (reads the body), /early (answers without
 * it), /keep (answers first, then reads it), /pause (stops after each piece),
 * /stream (chunked, a megabyte, as it drains), /file (300,000 bytes), /copy
 * (a stream of three pieces), /abort (in the middle of a stream), /close,
 * /lent (evhttp's echo), /lent-later, /lent-empty (204 with a body),
 * /lent-stream. */
void rig_open(struct rig *rig);
void rig_close(struct rig *rig);

/* A connected client; non-blocking. */
int rig_connect(struct rig *rig);

/* Sends text, then turns the loop until nothing moves any more. */
void rig_send(struct rig *rig, int fd, const char *text);
void rig_turn(struct rig *rig);

/* Turns, and reads what the server has sent; "EOF" or "RST" at its end stand
 * for themselves. */
const char *rig_read(struct rig *rig, int fd);

/* Takes what has come by now, whatever it is; the number of bytes. */
size_t rig_drain(int fd);

/* Sends, and reads. */
const char *rig_ask(struct rig *rig, int fd, const char *text);

/* How often `what` is in `text`. */
unsigned rig_count(const char *text, const char *what);

/* The log since the last time. */
const char *rig_log(struct rig *rig);

/* A client closes; its log words are passed over. */
void rig_hang_up(struct rig *rig, int fd);

/* Closes with a reset. */
void rig_reset(struct rig *rig, int fd);

/* Answers what waits in "/wait". */
void rig_answer(struct rig *rig);

/* Answers what waits in "/lent-later". */
void rig_answer_lent(struct rig *rig);

/* The loop's one connection. */
struct conn *rig_conn(struct rig *rig);

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define HELLO_BODY "\r\n\r\nhello"

#endif
