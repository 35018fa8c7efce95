/* SPDX-License-Identifier: MIT */
#include "life.h"
#include "fate.h"

#include <event2/event.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TURNS = 10000, ENOUGH = 20, HANDSHAKE = 400, MOMENT = 200,
    FILE_BYTES = 300000 };

static struct {
    char socket[96], cert[96], key[96], file[96];
} paths;

static struct {
    const struct scenario *scenario;
    struct event_base *base; /* NULL: it has loops and threads of its own */
    seed_server *server;
    pthread_t thread;
    struct client client;
    int port;
    atomic_uint begun, ended, serving;
    atomic_bool returned;
} life;

static const char next_request[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

const char *life_file(void)
{
    return paths.file;
}

const char *life_reply(void)
{
    return life.client.reply;
}

/* --- preparing ------------------------------------------------------------ */

static bool write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    if (!file)
        return false;
    fputs(text, file);
    return !fclose(file);
}

void life_choose(const char *folder)
{
    snprintf(paths.socket, sizeof paths.socket, "%s/socket", folder);
    snprintf(paths.cert, sizeof paths.cert, "%s/cert.pem", folder);
    snprintf(paths.key, sizeof paths.key, "%s/key.pem", folder);
    snprintf(paths.file, sizeof paths.file, "%s/file", folder);
}

bool life_prepare(void)
{
    char *cert, *key;
    bool done;

    if (seed_tls_selfsigned("localhost", &cert, &key))
        return false;

    done = write_file(paths.cert, cert) && write_file(paths.key, key)
        && write_file(paths.file, "") && !truncate(paths.file, FILE_BYTES);
    seed_release(cert);
    seed_release(key);
    return done;
}

/* --- the server ----------------------------------------------------------- */

static void count(const seed_event *event, void *ctx)
{
    (void)event;
    atomic_fetch_add((atomic_uint *)ctx, 1);
}

static void say_nothing(const char *line, void *ctx)
{
    (void)line;
    (void)ctx;
}

static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "hello");
}

static void listen_somewhere(seed_server *server, enum how how)
{
    const char *colon;

    if (how == LIFE_UNIX)
        seed_listen_unix(server, paths.socket);
    if (how == LIFE_TCP)
        seed_listen(server, "127.0.0.1", 0);
    if (how == LIFE_TLS)
        seed_listen_tls(server, "127.0.0.1", 0, &(struct seed_tls_options){
            .cert = paths.cert, .key = paths.key });
    if (how == LIFE_UNIX || seed_server_error(server))
        return;
    colon = strrchr(seed_server_url(server), ':');
    life.port = colon ? atoi(colon + 1) : 0;
}

static seed_server *make(const struct scenario *scenario)
{
    seed_server *server = seed_server_new(&(struct seed_options){
        .base = life.base, .workers = scenario->workers, .warn = say_nothing,
        .offload_threads = 1 });

    seed_on(server, SEED_ON_LISTEN, count, &life.serving);
    seed_on(server, SEED_ON_PRE, count, &life.begun);
    seed_after(server, count, &life.ended);
    seed_get(server, "/", hello, NULL);
    scenario->set_up(server);
    listen_somewhere(server, scenario->how);
    return server;
}

static void turn(void)
{
    if (life.base)
        event_base_loop(life.base, EVLOOP_NONBLOCK);
    else
        usleep(MOMENT);
}

static void *run(void *ctx)
{
    (void)ctx;
    seed_run(life.server);
    life.returned = true;
    return NULL;
}

/* Returns whether it has come to serve. */
static bool start(const struct scenario *scenario)
{
    if (!scenario->workers)
        return !seed_start(life.server);

    fate_spares = true;
    if (pthread_create(&life.thread, NULL, run, NULL))
        _exit(3);
    fate_spares = false;
    while (!life.returned && life.serving < scenario->workers)
        turn();
    return life.serving == scenario->workers;
}

static void stop(const struct scenario *scenario)
{
    seed_stop(life.server, 0);
    for (int i = 0; i < ENOUGH && life.base; i++)
        turn();
    if (scenario->workers)
        pthread_join(life.thread, NULL);
}

/* --- asking --------------------------------------------------------------- */

/* No answer will come of itself any more. */
static bool is_idle(int turns)
{
    if (!life.client.asked)
        return turns > HANDSHAKE;
    return turns > (life.base ? ENOUGH : HANDSHAKE)
        && life.begun == life.ended;
}

static void begin(void)
{
    client_open(&life.client, life.scenario->how, paths.socket, life.port);
    for (int i = 0; i < 4; i++)
        turn(); /* it is accepted before it says a word */
}

static void end(const char *request)
{
    client_step(&life.client, request);
    client_close(&life.client);
    for (int i = 0; i < 8; i++)
        turn();
}

/* Something may go wrong, so that no answer comes. */
static void ask(const char *request)
{
    int since = 0;

    begin();
    for (int i = 0; i < TURNS && !life.client.over; i++) {
        if (!life.client.asked)
            since = i;
        client_step(&life.client, request);
        turn();
        if (is_idle(life.client.asked ? i - since : i))
            break;
        if (i > ENOUGH && life.begun != life.ended)
            usleep(MOMENT); /* the pool's threads are at it */
    }
    end(request);
}

/* An answer must come; but who could not be accepted waits a moment. */
static bool is_answered(void)
{
    begin();
    for (int i = 0; i < TURNS && !life.client.over; i++) {
        client_step(&life.client, next_request);
        turn();
        if (i > ENOUGH)
            usleep(MOMENT);
    }
    end(next_request);
    return !strncmp(life.client.reply, "HTTP/1.1 200 ", 13);
}

/* What goes wrong from here on does so while it stops. */
static const char *serve(const struct scenario *scenario)
{
    const char *wrong = NULL;

    fate_go_on();
    if (scenario->act)
        scenario->act(life.server);
    if (scenario->request)
        ask(scenario->request);
    fate_pause();
    if (!is_answered())
        wrong = "the next request is not answered";
    fate_go_on();
    return wrong;
}

const char *life_live(const struct scenario *scenario)
{
    const char *wrong = NULL;

    memset(&life, 0, sizeof life);
    life.scenario = scenario;
    fate_spares = true;
    life.base = scenario->workers ? NULL : event_base_new();
    fate_spares = false;
    if (scenario->started)
        fate_pause();
    life.server = make(scenario);
    if (start(scenario))
        wrong = serve(scenario);
    else if (!fate_met())
        wrong = "it does not start";
    stop(scenario);
    seed_server_free(life.server);
    fate_pause();
    if (life.base)
        event_base_free(life.base);
    if (!wrong && life.begun != life.ended)
        wrong = "after has not run for each request";
    return wrong;
}
