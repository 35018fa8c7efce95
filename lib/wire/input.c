/* SPDX-License-Identifier: MIT */
/* From bytes to requests.
 *
 * Bytes are judged where they were read, in the loop's buffer. What is left at
 * the end of a pass moves into the connection's stash, which is given back as
 * soon as it is used up, so that an idle connection has none. */
#include "wire/conn.h"

#include "base/mem.h"
#include "http/words.h"

#include <string.h>

enum {
    STASH_FIRST = 1024,
    LINGER_MOST = 256 << 20, /* bytes that are read after the last answer */
    PIECES_AHEAD = 56        /* of pipelined answers, before they are sent */
};

/* A window in the stash starts somewhere in it; one elsewhere is not in it. */
static bool in_stash(const struct conn *conn)
{
    return conn->stash.bytes && conn->at >= conn->stash.bytes
        && conn->at <= conn->stash.bytes + conn->stash.room;
}

static void drop_stash(struct conn *conn)
{
    seed__release(conn->stash.bytes);
    conn->stash = (struct stash){ NULL, 0 };
    conn->at = conn->end = NULL;
}

/* Moves the window to the stash's start, with room for more behind it. */
static bool move_to_stash(struct conn *conn, size_t more)
{
    size_t length = (size_t)(conn->end - conn->at);
    size_t room = conn->stash.room ? conn->stash.room : STASH_FIRST;
    char *bytes = conn->stash.bytes;

    while (room < length + more)
        room *= 2;
    if (room != conn->stash.room) {
        bytes = seed__alloc(room);
        if (!bytes)
            return false;
    }
    memmove(bytes, conn->at, length);
    if (bytes != conn->stash.bytes)
        seed__release(conn->stash.bytes);
    conn->stash = (struct stash){ bytes, room };
    conn->at = bytes;
    conn->end = bytes + length;
    return true;
}

void seed__input_park(struct conn *conn)
{
    if (conn->at == conn->end) {
        if (conn->stash.bytes)
            drop_stash(conn);
        conn->at = conn->end = NULL;
        return;
    }
    if (!in_stash(conn) && !move_to_stash(conn, 0))
        seed__conn_kill(conn);
}

void seed__input_clear(struct conn *conn)
{
    drop_stash(conn);
    seed__release(conn->partial);
    seed__release(conn->trailers);
    conn->partial = NULL;
    conn->trailers = NULL;
}

/* The peer has sent its last byte. */
static void on_eof(struct conn *conn)
{
    conn->eof = true;
    conn->readable = false;
    if (conn->phase == PHASE_HEAD || conn->phase == PHASE_DRAIN) {
        seed__conn_enter(conn, PHASE_CLOSING);
        return;
    }
    conn->out.share = UINT64_MAX;
    seed__output_run(conn); /* answers to those before the one that is cut */
    if (conn->phase != PHASE_GONE)
        seed__conn_kill(conn);
}

/* Where the next bytes go: behind what is there, or into the loop's buffer
 * when nothing is. */
static char *read_into(struct conn *conn, size_t *room)
{
    struct stash *stash = &conn->stash;

    if (conn->at == conn->end) {
        conn->at = conn->end = conn->loop->buffer;
        *room = LOOP_BUFFER;
        return conn->loop->buffer;
    }
    if (!in_stash(conn) || conn->end == stash->bytes + stash->room)
        if (!move_to_stash(conn, 1))
            return NULL;

    *room = (size_t)(stash->bytes + stash->room - conn->end);
    return stash->bytes + (conn->end - stash->bytes);
}

/* TLS whose peer went without a farewell cannot write any more: what it is
 * owed goes first. */
static bool owes(const struct conn *conn)
{
    return conn->phase == PHASE_HEAD && conn->out.count
        && conn->mover->ops->farewell;
}

/* Reads once; false when there is nothing now. */
static bool fill(struct conn *conn)
{
    struct mover *mover = conn->mover;
    size_t room = 0;
    ssize_t count;
    char *to;

    if (!conn->readable || conn->eof || owes(conn))
        return false;
    if (!conn->reads_left--) {
        conn->reads_left = 0;
        seed__conn_later(conn);
        return false;
    }
    to = read_into(conn, &room);
    count = to ? mover->ops->read(mover, to, room) : MOVED_DEAD;
    if (count == MOVED_AGAIN) {
        conn->readable = false;
        return false;
    }
    if (count == 0) {
        on_eof(conn);
        return false;
    }
    if (count < 0) {
        seed__conn_kill(conn);
        return false;
    }
    /* With the peer's end in sight there is no further edge to wait for. */
    conn->readable = !mover->drained || conn->fin;
    conn->end += count;
    atomic_store_explicit(&conn->loop->received,
        seed__loop_received(conn->loop) + (uint64_t)count,
        memory_order_relaxed);
    conn->starved = false;
    return true;
}

static void refuse(struct conn *conn, enum head_verdict verdict)
{
    seed__conn_enter(conn, PHASE_WAIT);
    conn->req = NULL;
    seed__flow_refuse(conn->loop->flow, &conn->sink, NULL,
        seed__head_status(verdict), seed__head_sentence(verdict));
}

/* CONNECT asks for a tunnel, which no route can give. */
static bool method_known(const struct conn *conn, const struct head *head)
{
    struct str method = { conn->at + head->method, head->method_length };

    if (seed__str_same(method, STR("CONNECT")))
        return false;
    return seed__method_known(method)
        || seed__router_has_method(conn->loop->flow->plan->router, method);
}

static void begin(struct conn *conn, const struct head *head)
{
    const char *bytes = conn->at;

    seed__frame_begin(&conn->frame, head);
    conn->at += head->size;
    conn->wants = conn->told = conn->answered = conn->over_full = false;
    conn->expects = head->expect_continue;
    conn->chunked = head->chunked;
    conn->answer_bytes = conn->drained = 0;
    conn->toll = (struct toll){ .from = conn->mover->heard,
        .before = conn->mover->heard };
    conn->requests++;
    conn->sink.last = seed__conn_last(conn);
    seed__conn_enter(conn, seed__frame_ended(&conn->frame) ? PHASE_WAIT
                                                           : PHASE_BODY);
    conn->req = seed__flow_begin(conn->loop->flow, &conn->sink, head, bytes);
}

/* Keeps the head's reader until more has come. */
static bool keep_partial(struct conn *conn, const struct head *head)
{
    size_t fields = conn->loop->flow->plan->limits.fields;
    struct partial *partial = seed__alloc(sizeof *partial
        + fields * sizeof *partial->fields);

    if (!partial)
        return false;

    partial->head = *head;
    partial->head.fields = partial->fields;
    memcpy(partial->fields, head->fields, head->count * sizeof *head->fields);
    conn->partial = partial;
    conn->since = conn->loop->now;
    return true;
}

static void judge(struct conn *conn, struct head *head,
    enum head_verdict verdict)
{
    if (verdict == HEAD_OK && !method_known(conn, head))
        verdict = HEAD_UNKNOWN_METHOD;
    if (verdict == HEAD_OK && !seed__greet_serves(conn, head))
        verdict = HEAD_MISDIRECTED;
    if (verdict == HEAD_OK)
        begin(conn, head);
    else
        refuse(conn, verdict);
}

static void step_head(struct conn *conn)
{
    struct loop *loop = conn->loop;
    const struct head_limits *limits = &loop->flow->plan->limits;
    struct partial *partial = conn->partial;
    struct head scratch, *head = partial ? &partial->head : &scratch;
    enum head_verdict verdict;

    conn->starved = conn->at == conn->end;
    if (conn->starved)
        return;

    if (!partial)
        seed__head_begin(head, loop->fields, (uint16_t)limits->fields);
    verdict = seed__head_check(head, conn->at, (size_t)(conn->end - conn->at),
        limits);
    if (verdict == HEAD_MORE) {
        conn->starved = true;
        if (!partial && !keep_partial(conn, head))
            seed__conn_kill(conn);
        return;
    }
    conn->partial = NULL;
    judge(conn, head, verdict);
    seed__release(partial);
}

/* When the answer was over already, nothing can be said any more. */
void seed__input_cut(struct conn *conn, int status, const char *sentence)
{
    seed__conn_enter(conn, PHASE_WAIT);
    seed__flow_refuse(conn->loop->flow, &conn->sink, conn->req, status,
        sentence);
    if (conn->answered) {
        conn->answered = false;
        conn->ended = true;
        conn->how = SINK_CLOSE;
    }
}

static void end_body(struct conn *conn)
{
    seed__conn_enter(conn, PHASE_WAIT);
    seed__flow_body_end(conn->req, conn->trailers,
        conn->frame.trailer_length);
    conn->ended = conn->ended || conn->answered;
    conn->answered = false;
}

static void step_body(struct conn *conn)
{
    while (conn->phase == PHASE_BODY && conn->wants && !conn->ended) {
        const char *data;
        size_t length;

        switch (seed__frame_next(&conn->frame, &conn->at, conn->end, &data,
            &length)) {
        case FRAME_MORE:
            conn->starved = true;
            seed__flow_body_ahead(conn->req, conn->frame.left);
            return;
        case FRAME_DATA:
            conn->expects = false;
            seed__flow_body(conn->req, data, length);
            break;
        case FRAME_END:
            end_body(conn);
            return;
        case FRAME_BAD:
            seed__input_cut(conn, 400, "the chunked body is malformed");
            return;
        }
    }
}

/* The body that nobody wanted, while it is small. */
static void step_drain(struct conn *conn)
{
    size_t most = conn->loop->flow->plan->options.max_drain;

    while (conn->phase == PHASE_DRAIN) {
        const char *from = conn->at, *data;
        size_t length;
        enum frame_step step = seed__frame_next(&conn->frame, &conn->at,
            conn->end, &data, &length);

        conn->drained += (uint64_t)(conn->at - from);
        if (step == FRAME_END)
            seed__conn_enter(conn, PHASE_HEAD);
        else if (step == FRAME_BAD || conn->drained > most)
            seed__conn_enter(conn, PHASE_CLOSING);
        if (step == FRAME_MORE) {
            conn->starved = true;
            return;
        }
    }
}

static void step_linger(struct conn *conn)
{
    conn->drained += (uint64_t)(conn->end - conn->at);
    conn->at = conn->end;
    conn->starved = true;
    if (conn->drained > LINGER_MOST)
        seed__conn_kill(conn);
}

/* One request at a time, and none while the client does not take its answers:
 * what it sends meanwhile waits in the kernel, and slows it down. */
static bool may_read(const struct conn *conn)
{
    const struct queue *out = &conn->out;

    switch (conn->phase) {
    case PHASE_HEAD:
        return out->count < PIECES_AHEAD
            && out->waiting <= conn->loop->flow->plan->options.max_output;
    case PHASE_BODY:
        return conn->wants && !conn->ended;
    case PHASE_DRAIN:
    case PHASE_LINGER:
        return true;
    default:
        return false;
    }
}

static void step(struct conn *conn)
{
    static void (*const steps[])(struct conn *conn) = {
        [PHASE_HEAD] = step_head,
        [PHASE_BODY] = step_body,
        [PHASE_DRAIN] = step_drain,
        [PHASE_LINGER] = step_linger,
    };

    steps[conn->phase](conn);
    if (conn->phase != PHASE_GONE)
        seed__answer_settle(conn);
}

void seed__input_run(struct conn *conn)
{
    while (may_read(conn)) {
        if (conn->starved && !fill(conn))
            break;
        step(conn);
    }
}
