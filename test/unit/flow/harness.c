/* SPDX-License-Identifier: MIT */
#include "unit/flow/harness.h"

#include <seed/tls.h>

#include <seed/error.h>

#include <unistd.h>

struct life_memory life_memory;

struct life_piece {
    struct life_piece *next;
    const char *at;
    char *own;
    size_t length;
};

struct life_step {
    struct life_step *next;
    char word[24];
    char verb;
};

/* --- memory --------------------------------------------------------------- */

static bool fails(void)
{
    atomic_fetch_add(&life_memory.calls, 1);
    if (!atomic_load(&life_memory.fail_in))
        return false;
    if (atomic_load(&life_memory.fail_in) > 1) {
        atomic_fetch_sub(&life_memory.fail_in, 1);
        return false;
    }
    if (!atomic_load(&life_memory.fail_all))
        atomic_store(&life_memory.fail_in, 0);
    return true;
}

static void *allocate(size_t size)
{
    void *memory = fails() ? NULL : malloc(size);

    if (memory)
        atomic_fetch_add(&life_memory.living, 1);
    return memory;
}

static void *resize(void *memory, size_t size)
{
    void *larger = fails() ? NULL : realloc(memory, size);

    if (larger && !memory)
        atomic_fetch_add(&life_memory.living, 1);
    return larger;
}

static void release(void *memory)
{
    atomic_fetch_sub(&life_memory.living, 1);
    free(memory);
}

int life_count_memory(void **state)
{
    (void)state;
    return seed__mem_replace(allocate, resize, release);
}

/* --- the log -------------------------------------------------------------- */

void life_note(struct life *life, const char *format, ...)
{
    size_t length = strlen(life->log);
    va_list list;

    if (length && length + 1 < sizeof life->log)
        life->log[length++] = ' ';
    va_start(list, format);
    vsnprintf(life->log + length, sizeof life->log - length, format, list);
    va_end(list);
}

static void warn(const char *line, void *ctx)
{
    struct life *life = ctx;
    size_t length = strlen(life->warnings);

    life->warned++;
    snprintf(life->warnings + length, sizeof life->warnings - length, "%s\n",
        line);
}

struct life *life_of(const seed_req *req)
{
    return (struct life *)(void *)((char *)(uintptr_t)req->flow
        - offsetof(struct life, flow));
}

/* --- the port ------------------------------------------------------------- */

static void add_task(struct task ***last, struct task *task)
{
    task->next = NULL;
    **last = task;
    *last = &task->next;
}

static struct life *life_of_port(struct port *port)
{
    return (struct life *)(void *)((char *)port - offsetof(struct life, port));
}

static void soon(struct port *port, struct task *task)
{
    add_task(&life_of_port(port)->last_soon, task);
}

static void defer(struct port *port, struct task *task)
{
    add_task(&life_of_port(port)->last_later, task);
}

static struct port_timer *timer_start(struct port *port, unsigned ms,
    bool repeat, void (*fire)(void *ctx), void *ctx)
{
    (void)port;
    (void)ms;
    (void)repeat;
    (void)fire;
    (void)ctx;
    return NULL;
}

static void timer_stop(struct port *port, struct port_timer *timer)
{
    (void)port;
    (void)timer;
}

static bool here(struct port *port)
{
    (void)port;
    return true;
}

static const struct port_ops port_ops = { soon, defer, timer_start,
    timer_stop, here };

static bool run_tasks(struct task **first, struct task ***last)
{
    struct task *task = *first, *next;
    bool any = task != NULL;

    *first = NULL;
    *last = first;
    for (; task; task = next) {
        next = task->next;
        task->run(task);
    }
    return any;
}

static void wake(void *ctx)
{
    (void)ctx;
}

/* --- the sink ------------------------------------------------------------- */

static struct client *client_of(struct sink *sink)
{
    return (struct client *)sink;
}

static void add_piece(struct client *client, const void *bytes,
    size_t length, bool copy)
{
    struct life_piece *piece = calloc(1, sizeof *piece);

    assert_non_null(piece);
    piece->at = bytes;
    piece->length = length;
    if (copy) {
        piece->at = piece->own = malloc(length ? length : 1);
        assert_non_null(piece->own);
        memcpy(piece->own, bytes, length);
    }
    *client->last_piece = piece;
    client->last_piece = &piece->next;
}

static void inform(struct sink *sink)
{
    client_of(sink)->informs++;
}

static void want_body(struct sink *sink, bool want)
{
    client_of(sink)->wants = want;
    client_of(sink)->wanted += want;
}

static void put(struct sink *sink, const void *bytes, size_t length,
    enum sink_hold hold)
{
    assert_false(client_of(sink)->ended);
    assert_true(length > 0);
    add_piece(client_of(sink), bytes, length, hold == SINK_COPY);
}

static void file(struct sink *sink, int fd, uint64_t offset, uint64_t length)
{
    char *bytes = malloc(length);

    assert_false(client_of(sink)->ended);
    assert_non_null(bytes);
    assert_int_equal(length, pread(fd, bytes, length, (off_t)offset));
    add_piece(client_of(sink), bytes, length, true);
    free(bytes);
    close(fd);
}

static void end(struct sink *sink, enum sink_end how)
{
    assert_false(client_of(sink)->ended);
    client_of(sink)->ended = true;
    client_of(sink)->how = how;
}

static size_t waiting(struct sink *sink)
{
    return client_of(sink)->waiting;
}

static bool lend(struct sink *sink,
    void (*callback)(struct evhttp_request *, void *), void *ctx)
{
    struct client *client = client_of(sink);

    client->lent = client->lends;
    client->lent_callback = callback;
    client->lent_ctx = ctx;
    return client->lent;
}

static const char *peer(struct sink *sink, struct arena *arena)
{
    (void)sink;
    return seed__arena_copy(arena, "192.0.2.7:4711", 14);
}

static uint64_t socket_wait(struct sink *sink)
{
    (void)sink;
    return 42;
}

static const struct seed_tls *tls(struct sink *sink, struct arena *arena)
{
    struct seed_tls *facts = seed__arena_alloc(arena, sizeof *facts);

    (void)sink;
    *facts = (struct seed_tls){ .version = "TLSv1.3" };
    return facts;
}

static const struct sink_ops sink_ops = {
    .inform = inform,
    .want_body = want_body,
    .put = put,
    .file = file,
    .end = end,
    .waiting = waiting,
    .lend = lend,
    .peer = peer,
    .tls = tls,
    .wait = socket_wait,
};

/* Moves the pieces into the answer; what was borrowed is looked at here. */
static void take(struct client *client)
{
    while (client->pieces) {
        struct life_piece *piece = client->pieces;
        size_t length = client->answer_length + piece->length;

        client->answer = realloc(client->answer, length + 1);
        assert_non_null(client->answer);
        memcpy(client->answer + client->answer_length, piece->at,
            piece->length);
        client->answer_length = length;
        client->answer[length] = '\0';
        client->pieces = piece->next;
        free(piece->own);
        free(piece);
    }
    client->last_piece = &client->pieces;
}

const char *life_answer(struct client *client)
{
    take(client);
    return client->answer ? client->answer : "";
}

int life_status(struct client *client)
{
    int status = 0;

    sscanf(life_answer(client), "HTTP/1.1 %d", &status);
    return status;
}

const char *life_body(struct client *client)
{
    const char *head_end = strstr(life_answer(client), "\r\n\r\n");

    return head_end ? head_end + 4 : "";
}

void life_forget(struct client *client)
{
    client->flushed = client->flushed || !client->sink.req;
    take(client);
    free(client->answer);
    client->answer = NULL;
    client->answer_length = 0;
}

static void unlink_client(struct client *client)
{
    struct client **at = &client->life->clients;

    while (*at && *at != client)
        at = &(*at)->next;
    if (*at)
        *at = client->next;
}

void life_flush(struct client *client)
{
    seed_req *req = client->sink.req;

    take(client);
    if (!req || client->flushed || client->gone)
        return;

    client->flushed = true;
    client->sink.req = NULL;
    unlink_client(client);
    if (client->how == SINK_ABORT)
        seed__flow_peer(req, SEED_GONE);
    else
        seed__flow_flushed(req, client->answer_length);
}

void life_gone(struct client *client)
{
    seed_req *req = client->sink.req;

    if (!req || client->flushed || client->gone)
        return;

    take(client);
    client->gone = true;
    client->sink.req = NULL;
    unlink_client(client);
    seed__flow_peer(req, SEED_GONE);
}

void life_half_close(struct client *client)
{
    seed__flow_peer(client->sink.req, SEED_HALF_CLOSED);
}

void life_lent_done(struct client *client, int status)
{
    seed_req *req = client->sink.req;

    client->flushed = true;
    client->sink.req = NULL;
    unlink_client(client);
    seed__flow_lent_done(req, status, 123);
}

/* Gives one piece of the body; false when there is none to give. */
static bool feed(struct client *client)
{
    const char *at = client->in + client->in_at, *data;
    const char *stop = client->in + client->in_length;
    const char *from = at;
    seed_req *req = client->sink.req;
    size_t length;
    enum frame_step step;

    if (!req || !client->wants || client->body_over || client->ended)
        return false;
    if (client->piece && (size_t)(stop - at) > client->piece)
        stop = at + client->piece;

    step = seed__frame_next(&client->frame, &at, stop, &data, &length);
    client->in_at = (size_t)(at - client->in);
    if (step == FRAME_MORE)
        return at != from;

    client->body_over = step != FRAME_DATA;
    if (step == FRAME_DATA)
        seed__flow_body(req, data, length);
    else if (step == FRAME_END)
        seed__flow_body_end(req, client->trailers,
            client->frame.trailer_length);
    else
        seed__flow_refuse(req->flow, &client->sink, req, 400,
            "the chunked body is malformed");
    return true;
}

seed_req *life_begin_bytes(struct life *life, struct client *client,
    const char *bytes, size_t length)
{
    struct field fields[100];
    struct head head;
    enum head_verdict verdict;

    life_start(life);
    life_forget(client);
    *client = (struct client){ .sink.ops = &sink_ops, .sink.number = 1,
        .sink.last = client->sink.last,
        .life = life, .in = bytes, .in_length = length,
        .piece = client->piece, .slow = client->slow,
        .waiting = client->waiting, .lends = client->lends };
    client->last_piece = &client->pieces;

    seed__head_begin(&head, fields, 100);
    verdict = seed__head_check(&head, bytes, length, &life->plan.limits);
    if (verdict != HEAD_OK) {
        seed__flow_refuse(&life->flow, &client->sink, NULL,
            seed__head_status(verdict), seed__head_sentence(verdict));
        return NULL;
    }
    client->in_at = head.size;
    seed__frame_begin(&client->frame, &head);
    client->frame.trailers = client->trailers;
    client->body_over = seed__frame_ended(&client->frame);
    client->next = life->clients;
    life->clients = client;
    if (!seed__flow_begin(&life->flow, &client->sink, &head, bytes))
        unlink_client(client);
    return client->sink.req;
}

seed_req *life_begin(struct life *life, struct client *client,
    const char *text)
{
    return life_begin_bytes(life, client, text, strlen(text));
}

static bool move_clients(struct life *life)
{
    struct client *client, *next;
    bool moved = false;

    for (client = life->clients; client; client = next) {
        next = client->next;
        while (feed(client))
            moved = true;
        if (client->ended && !client->slow) {
            life_flush(client);
            moved = true;
        }
    }
    return moved;
}

void life_run(struct life *life)
{
    bool moved = true;

    while (moved) {
        moved = run_tasks(&life->soon, &life->last_soon);
        moved |= run_tasks(&life->later, &life->last_later);
        if (!life->box_closed)
            seed__mailbox_run(life->port.box);
        moved |= life->soon != NULL;
        moved |= move_clients(life);
    }
}

/* --- handlers from a script ----------------------------------------------- */

static seed_step wait_for(struct life *life, seed_req *req, char verb)
{
    life->waits[life->wait_count++] = (struct life_wait){ req, verb };
    return SEED_WAIT;
}

static seed_step fail_own(seed_res *res)
{
    static const seed_fault own = { 400, "Own", "OwnCode", "it failed",
        "the cause" };

    return seed_fail_with(res, &own);
}

static seed_step stream(seed_res *res, bool whole)
{
    seed_stream_open(res, 200, SEED_UNLIMITED);
    seed_stream_write(res, "part", 4);
    return whole ? seed_stream_end(res) : SEED_STOP;
}

static void body_piece(seed_req *req, const char *bytes, size_t length,
    void *ctx)
{
    struct life *life = life_of(req);

    (void)ctx;
    if (bytes) {
        life_note(life, "<%.*s>", (int)length, bytes);
        return;
    }
    life_note(life, "<>");
    seed_resume(req, SEED_NEXT);
}

/* n next  s stop  t text  f fail  2 text twice  r resumed before it returns
 * w W wait, then next, stop   a x wait, then text, fail   d stream
 * D stream left open, F that fails, e E wait in a stream, then end it, fail
 * b read the body  o stream the body  c say the body */
static seed_step life_verbs(seed_req *req, seed_res *res, char verb)
{
    switch (verb) {
    case 's':
        return SEED_STOP;
    case 't':
        return seed_send_text(res, 200, "hi");
    case 'f':
        return fail_own(res);
    case '2':
        seed_send_text(res, 200, "hi");
        return seed_send_text(res, 201, "again");
    case 'r':
        seed_resume(req, SEED_NEXT);
        return SEED_WAIT;
    case 'd':
    case 'D':
        return stream(res, verb == 'd');
    case 'F':
        stream(res, false);
        return fail_own(res);
    case 'e':
    case 'E':
        stream(res, false);
        return wait_for(life_of(req), req, verb);
    case 'b':
        return seed_read_body(req, 0);
    case 'o':
        return seed_on_body(req, 0, body_piece, NULL);
    case 'c':
        return seed_send_text(res, 200, seed_req_body(req, NULL));
    case 'n':
        return SEED_NEXT;
    default:
        return wait_for(life_of(req), req, verb);
    }
}

static seed_step run_step(seed_req *req, seed_res *res, void *ctx)
{
    struct life_step *step = ctx;

    life_note(life_of(req), "%s", step->word);
    return life_verbs(req, res, step->verb);
}

static seed_step verb_after_wait(seed_res *res, char verb)
{
    switch (verb) {
    case 'a':
        return seed_send_text(res, 200, "late");
    case 'x':
    case 'E':
        return fail_own(res);
    case 'e':
        return seed_stream_end(res);
    case 'W':
        return SEED_STOP;
    default:
        return SEED_NEXT;
    }
}

void life_drive(struct life *life)
{
    life_run(life);
    for (unsigned i = 0; i < life->wait_count; i++) {
        seed_req *req = life->waits[i].req;

        life_note(life, "~");
        seed_resume(req, verb_after_wait(&req->res, life->waits[i].verb));
        life_run(life);
    }
    life->wait_count = 0;
}

static seed_route *route_of(struct life *life, const char *method)
{
    seed_route *route;
    const char *why;

    for (route = life->plan.routes; route; route = route->next)
        if (!strcmp(route->method, method) && !strcmp(route->pattern, "/"))
            return route;
    assert_int_equal(0, seed__plan_route(&life->plan, method, "/", &route,
        &why));
    return route;
}

static void add_step(struct life *life, const char *list,
    struct life_step *step)
{
    char method[16];
    size_t i;

    if (!strcmp(list, "pre")) {
        life_pre(life, run_step, step);
        return;
    }
    if (!strcmp(list, "use")) {
        life_use(life, run_step, step);
        return;
    }
    if (!strncmp(list, "err", 3)) {
        assert_int_equal(0, seed__plan_on_error(&life->plan,
            list[3] ? list + 4 : NULL, run_step, step, step->word, "script",
            1));
        return;
    }
    for (i = 0; list[i] && i + 1 < sizeof method; i++)
        method[i] = (char)(list[i] - ('a' <= list[i] && list[i] <= 'z') * 32);
    method[i] = '\0';
    assert_int_equal(0, seed__route_then(route_of(life, method), run_step,
        step, step->word, "script", 1));
}

void life_script(struct life *life, const char *script)
{
    while (script && *script) {
        struct life_step *step = calloc(1, sizeof *step);
        char list[32];
        int used = 0;

        assert_non_null(step);
        assert_int_equal(3, sscanf(script, " %31[^= ]=%23[^/ ]/%c%n", list,
            step->word, &step->verb, &used));
        step->next = life->steps;
        life->steps = step;
        add_step(life, list, step);
        script += used;
    }
}

/* --- a life --------------------------------------------------------------- */

static void watch(const seed_event *event, void *ctx)
{
    static const char *const words[] = { "PRE", "ROUTED", "SEND", "AFTER",
        "BAD" };
    struct life *life = ctx;

    life_note(life, "%s", words[event->on]);
    if (event->on == SEED_ON_AFTER) {
        life->afters++;
        life->status = seed_res_status(event->res);
        life->wire_bytes = seed_res_wire_bytes(event->res);
    }
    life->bads += event->on == SEED_ON_BAD_REQUEST;
    if (event->on < SEED_ON_AFTER)
        return;
    snprintf(life->fault, sizeof life->fault, "%s",
        event->fault ? event->fault->name : "");
    snprintf(life->cause, sizeof life->cause, "%s",
        event->fault && event->fault->cause ? event->fault->cause : "");
}

void life_init(struct life *life)
{
    memset(life, 0, sizeof *life);
    life->living = atomic_load(&life_memory.living);
    life->last_soon = &life->soon;
    life->last_later = &life->later;
    life->options.warn = warn;
    life->options.warn_ctx = life;
}

void life_open(struct life *life, const char *script)
{
    static char server;
    const char *why;

    if (!life->last_soon)
        life_init(life);
    assert_int_equal(0, seed__plan_init(&life->plan, &life->options,
        (seed_server *)(void *)&server, &why));
    for (enum seed_on on = 0; on <= SEED_ON_BAD_REQUEST; on++)
        life_on(life, on, watch, life);
    life_script(life, script);
}

void life_start(struct life *life)
{
    static char worker;

    if (life->started)
        return;

    life->started = true;
    life->port.ops = &port_ops;
    life->port.box = seed__mailbox_new(wake, life);
    assert_non_null(life->port.box);
    assert_int_equal(0, seed__flow_init(&life->flow, &life->plan, &life->port,
        (seed_worker *)(void *)&worker));
}

void life_close_box(struct life *life)
{
    struct client *client, *next;

    life_start(life);
    for (client = life->clients; client; client = next) {
        next = client->next;
        life_gone(client);
    }
    seed__mailbox_close(life->port.box);
    life->box_closed = true;
    while (life->soon || life->later) {
        run_tasks(&life->soon, &life->last_soon);
        run_tasks(&life->later, &life->last_later);
    }
}

void life_clear_flow(struct life *life)
{
    life_start(life);
    seed__flow_clear(&life->flow);
    assert_int_equal(life->flow.begun, life->flow.finished);
    assert_int_equal(life->flow.begun, life->afters);
    life->cleared = true;
}

void life_free(struct life *life)
{
    assert_true(life->cleared && life->box_closed);
    assert_null(life->soon);
    assert_null(life->later);
    seed__mailbox_drop(life->port.box);
    seed__plan_clear(&life->plan);
    while (life->steps) {
        struct life_step *step = life->steps;

        life->steps = step->next;
        free(step);
    }
    memset(&life->flow, 0xdb, sizeof life->flow);
}

void life_close(struct life *life)
{
    if (!life->box_closed)
        life_close_box(life);
    if (!life->cleared)
        life_clear_flow(life);
    life_free(life);
    assert_int_equal(life->living, atomic_load(&life_memory.living));
}

seed_route *life_route_at(struct life *life, const char *method,
    const char *pattern, seed_handler *handler, void *ctx, const char *name)
{
    seed_route *route;
    const char *why;

    assert_int_equal(0, seed__plan_route(&life->plan, method, pattern, &route,
        &why));
    assert_int_equal(0, seed__route_then(route, handler, ctx, name, "test.c",
        7));
    return route;
}

void life_pre(struct life *life, seed_handler *handler, void *ctx)
{
    assert_int_equal(0, seed__chain_add(&life->plan.pre, "pre", handler, ctx,
        "pre", "test.c", 8));
}

void life_use(struct life *life, seed_handler *handler, void *ctx)
{
    assert_int_equal(0, seed__chain_add(&life->plan.use, "use", handler, ctx,
        "use", "test.c", 9));
}

void life_on(struct life *life, enum seed_on on, seed_hook *hook, void *ctx)
{
    struct hooks *hooks = life->started ? &life->flow.hooks
                                        : &life->plan.hooks;

    assert_int_equal(0, seed__hooks_add(hooks, on, hook, ctx, "hook",
        "test.c", 10));
}

const char *life_ask(struct life *life, struct client *client,
    const char *text)
{
    life_begin(life, client, text);
    life_drive(life);
    return life_answer(client);
}

void life_assert_has(const char *text, const char *part, bool has,
    const char *file, int line)
{
    if (!strstr(text, part) == !has)
        return;

    print_error("%s\n%s: %s\n", text, has ? "lacks" : "has", part);
    _fail(file, line);
}
