/* SPDX-License-Identifier: MIT */
/* The sink that a connection is to its requests. Handlers call from wherever
 * they are, so that nothing here reads, writes or ends anything: it is noted,
 * and the connection works on it when the loop has control again. */
#include "wire/conn.h"

#include "base/mem.h"

#include <event2/util.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct conn *conn_of(struct sink *sink)
{
    return (struct conn *)sink;
}

/* The peer is gone, or an answer that is over: nothing to add to. */
static bool deaf(const struct conn *conn)
{
    return conn->phase == PHASE_GONE || conn->ended || conn->answered;
}

static void grown(struct conn *conn, bool added)
{
    if (!added)
        conn->broken = true;
    if (conn->out.waiting > conn->loop->flow->plan->options.max_output)
        conn->over_full = true;
    seed__conn_touch(conn);
}

static void inform(struct sink *sink)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct conn *conn = conn_of(sink);

    if (deaf(conn) || !conn->expects)
        return;

    conn->expects = false;
    if (conn->at != conn->end)
        return; /* RFC 9110 10.1.1: the body is coming already */
    grown(conn, seed__queue_borrow(&conn->out, text, sizeof text - 1));
}

static void want_body(struct sink *sink, bool want)
{
    struct conn *conn = conn_of(sink);

    conn->wants = want;
    if (want && conn->phase == PHASE_BODY && conn->chunked
        && !conn->frame.trailers) {
        conn->trailers = seed__alloc(FRAME_TRAILER_ROOM);
        conn->frame.trailers = conn->trailers;
    }
    seed__conn_touch(conn);
}

static void put(struct sink *sink, const void *bytes, size_t length,
    enum sink_hold hold)
{
    struct conn *conn = conn_of(sink);

    if (deaf(conn))
        return;

    conn->answer_bytes += length;
    grown(conn, hold == SINK_BORROW
        ? seed__queue_borrow(&conn->out, bytes, length)
        : seed__queue_copy(&conn->out, bytes, length));
}

static void file(struct sink *sink, int fd, uint64_t offset, uint64_t length)
{
    struct conn *conn = conn_of(sink);

    if (deaf(conn)) {
        close(fd);
        return;
    }
    conn->answer_bytes += length;
    grown(conn, seed__queue_file(&conn->out, fd, offset, length));
}

static void end(struct sink *sink, enum sink_end how)
{
    struct conn *conn = conn_of(sink);

    if (deaf(conn))
        return;

    conn->ended = true;
    conn->how = how;
    seed__conn_touch(conn);
}

static size_t waiting(struct sink *sink)
{
    return (size_t)conn_of(sink)->out.waiting;
}

static bool lend(struct sink *sink,
    void (*callback)(struct evhttp_request *, void *), void *ctx)
{
    return !deaf(conn_of(sink)) && seed__lend_ask(conn_of(sink), callback,
        ctx);
}

void seed__conn_know_peer(struct conn *conn)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_storage room;
    } address = { .any = { 0 } };
    socklen_t size = sizeof address;
    char text[INET6_ADDRSTRLEN] = "";

    if (*conn->peer || getpeername(conn->mover->fd, &address.any, &size))
        return;

    switch (address.any.sa_family) {
    case AF_INET:
        evutil_inet_ntop(AF_INET, &address.v4.sin_addr, text, sizeof text);
        snprintf(conn->peer, sizeof conn->peer, "%s:%u", text,
            ntohs(address.v4.sin_port));
        break;
    case AF_INET6:
        evutil_inet_ntop(AF_INET6, &address.v6.sin6_addr, text, sizeof text);
        snprintf(conn->peer, sizeof conn->peer, "[%s]:%u", text,
            ntohs(address.v6.sin6_port));
        break;
    default:
        snprintf(conn->peer, sizeof conn->peer, "unix:");
    }
}

/* Asked once a connection, for a log asks at every request. Copied: a request
 * that is held outlives its connection. */
static const char *peer(struct sink *sink, struct arena *arena)
{
    struct conn *conn = conn_of(sink);

    seed__conn_know_peer(conn);
    return seed__arena_copy(arena, conn->peer, strlen(conn->peer));
}

static const struct seed_tls *tls(struct sink *sink, struct arena *arena)
{
    struct mover *mover = conn_of(sink)->mover;

    return mover->ops->describe ? mover->ops->describe(mover, arena) : NULL;
}

static uint64_t wait(struct sink *sink)
{
    struct tcp_info info = { 0 };
    socklen_t size = sizeof info;

    if (getsockopt(conn_of(sink)->mover->fd, IPPROTO_TCP, TCP_INFO, &info,
            &size))
        return 0;
    return (uint64_t)info.tcpi_last_data_recv * 1000000;
}

const struct sink_ops seed__conn_sink = {
    .inform = inform,
    .want_body = want_body,
    .put = put,
    .file = file,
    .end = end,
    .waiting = waiting,
    .lend = lend,
    .peer = peer,
    .tls = tls,
    .wait = wait,
};
