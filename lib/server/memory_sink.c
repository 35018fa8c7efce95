/* SPDX-License-Identifier: MIT */
/* A sink that keeps the answer in memory. Like a connection it never calls the
 * flow from inside these calls: it notes what happened, and the pump sees to
 * it. */
#include "server/inject.h"

#include <string.h>
#include <unistd.h>

static bool make_room(struct injected *injected, size_t more)
{
    size_t needed = injected->out_length + more;
    size_t room = injected->out_room ? injected->out_room : 1024;
    char *out;

    if (needed <= injected->out_room)
        return true;

    while (room < needed)
        room *= 2;
    out = seed__resize(injected->out, room);
    if (!out) {
        injected->failed = true;
        return false;
    }
    injected->out = out;
    injected->out_room = room;
    return true;
}

static void put(struct sink *sink, const void *bytes, size_t length,
    enum sink_hold hold)
{
    struct injected *injected = (struct injected *)sink;

    (void)hold; /* copied in any case: the answer outlives its request */
    if (!length || !make_room(injected, length))
        return;

    memcpy(injected->out + injected->out_length, bytes, length);
    injected->out_length += length;
}

static void inform(struct sink *sink)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";

    put(sink, text, sizeof text - 1, SINK_COPY);
}

static void want_body(struct sink *sink, bool want)
{
    if (want)
        seed__inject_pump_soon((struct injected *)sink);
}

/* A file that became shorter cuts the answer, as it does on a connection. */
static void file(struct sink *sink, int fd, uint64_t offset, uint64_t length)
{
    struct injected *injected = (struct injected *)sink;

    while (length) {
        size_t part = length < 65536 ? (size_t)length : 65536;
        ssize_t got;

        if (!make_room(injected, part))
            break;
        got = pread(fd, injected->out + injected->out_length, part,
            (off_t)offset);
        if (got <= 0) {
            injected->failed = true;
            break;
        }
        injected->out_length += (size_t)got;
        offset += (uint64_t)got;
        length -= (uint64_t)got;
    }
    close(fd);
}

static void end(struct sink *sink, enum sink_end how)
{
    struct injected *injected = (struct injected *)sink;

    injected->ended = true;
    injected->how = how;
    seed__inject_pump_soon(injected);
}

static size_t waiting(struct sink *sink)
{
    (void)sink;
    return 0;
}

/* evhttp answers on sockets only. */
static bool lend(struct sink *sink,
    void (*callback)(struct evhttp_request *, void *), void *ctx)
{
    (void)sink;
    (void)callback;
    (void)ctx;
    return false;
}

static const char *peer(struct sink *sink, struct arena *arena)
{
    (void)sink;
    (void)arena;
    return "inject:";
}

static uint64_t socket_wait(struct sink *sink)
{
    (void)sink;
    return 0;
}

const struct sink_ops seed__memory_sink = {
    .inform = inform,
    .want_body = want_body,
    .put = put,
    .file = file,
    .end = end,
    .waiting = waiting,
    .lend = lend,
    .peer = peer,
    .wait = socket_wait,
};
