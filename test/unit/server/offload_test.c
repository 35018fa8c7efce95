/* SPDX-License-Identifier: MIT */
#include "unit/server/served.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct job {
    int number;
    pthread_t on;
    char text[32];
};

static atomic_int works, most_at_once, now;

static void work(void *ctx)
{
    struct job *job = ctx;
    int running = ++now, most = most_at_once;

    job->on = pthread_self();
    works++;
    while (running > most
        && !atomic_compare_exchange_weak(&most_at_once, &most, running))
        ;
    sleep_ms(5);
    snprintf(job->text, sizeof job->text, "job %d", job->number);
    now--;
}

static seed_step then_send(seed_req *req, seed_res *res, void *ctx)
{
    struct job *job = ctx;

    (void)req;
    if (pthread_equal(job->on, pthread_self()))
        return seed_fail(res, 500, "worked on the loop");
    return seed_send_text(res, 200, job->text);
}

static seed_step offload(seed_req *req, seed_res *res, void *ctx)
{
    struct job *job = seed_req_alloc(req, sizeof *job);

    (void)res;
    (void)ctx;
    *job = (struct job){ .number = atoi(seed_req_param(req, "n")) };
    return seed_offload(req, work, then_send, job);
}

static seed_step then_next(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    seed_req_set(req, &works, ctx);
    return SEED_NEXT;
}

static seed_step offload_next(seed_req *req, seed_res *res, void *ctx)
{
    struct job *job = seed_req_alloc(req, sizeof *job);

    (void)res;
    (void)ctx;
    *job = (struct job){ .number = 7 };
    return seed_offload(req, work, then_next, job);
}

static seed_step send_job(seed_req *req, seed_res *res, void *ctx)
{
    struct job *job = seed_req_slot(req, &works);

    (void)ctx;
    return seed_send_text(res, 200, job->text);
}

static seed_step then_again(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    return seed_offload(req, work, then_send, ctx);
}

static seed_step offload_twice(seed_req *req, seed_res *res, void *ctx)
{
    struct job *job = seed_req_alloc(req, sizeof *job);

    (void)res;
    (void)ctx;
    *job = (struct job){ .number = 2 };
    return seed_offload(req, work, then_again, job);
}

static void idle(void *ctx)
{
    (void)ctx;
}

static seed_step then_ok(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "quick");
}

/* Dawdles, so that the work is done before it returns. */
static seed_step offload_quick(seed_req *req, seed_res *res, void *ctx)
{
    seed_step step = seed_offload(req, idle, then_ok, NULL);

    (void)res;
    (void)ctx;
    sleep_ms(20);
    return step;
}

static seed_server *make_server(unsigned threads)
{
    seed_server *server = seed_server_new(
        &(struct seed_options){ .offload_threads = threads });

    seed_get(server, "/job/:n", offload, NULL);
    seed_route_then(seed_get(server, "/next", offload_next, NULL), send_job,
        NULL);
    seed_get(server, "/twice", offload_twice, NULL);
    seed_get(server, "/quick", offload_quick, NULL);
    works = most_at_once = now = 0;
    return server;
}

static const struct {
    const char *url, *body;
    int works;
} cases[] = {
    { "/job/3", "job 3", 1 },
    { "/next", "job 7", 1 },
    { "/twice", "job 2", 2 },
    { "/quick", "quick", 0 },
};

static void goes_on_when_the_work_is_done(void **state)
{
    seed_server *server = make_server(0);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        seed_reply *reply;

        works = 0;
        reply = seed_inject(server,
            &(struct seed_injection){ .url = cases[i].url });
        assert_int_equal(seed_reply_status(reply), 200);
        assert_string_equal(seed_reply_body(reply, NULL), cases[i].body);
        assert_int_equal(works, cases[i].works);
        seed_reply_free(reply);
    }
    seed_server_free(server);
}

/* One client, many requests in one write: they are answered one by one; many
 * clients keep the pool busy. */
static void uses_as_many_threads_as_allowed(void **state)
{
    seed_server *server = make_server(2);
    struct served served;
    int clients[12];

    (void)state;
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    serve(&served, server);
    for (int i = 0; i < 12; i++) {
        clients[i] = dial(seed_server_port(server));
        assert_int_equal(write(clients[i],
            "GET /job/5 HTTP/1.1\r\nHost: a\r\n\r\n", 32), 32);
    }
    for (int i = 0; i < 12; i++) {
        assert_non_null(strstr(ask(clients[i], "", "job 5"), "job 5"));
        close(clients[i]);
    }
    assert_int_equal(works, 12);
    assert_int_equal(most_at_once, 2);
    assert_int_equal(serve_stop(&served), 0);
    seed_server_free(server);
}

static atomic_int met;

/* Returns when two are here, or after far too long. */
static void meet(void *ctx)
{
    met++;
    for (int i = 0; i < 500 && met < 2; i++)
        sleep_ms(10);
    *(bool *)ctx = met == 2;
}

static seed_step then_tell(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    return seed_send_text(res, 200, *(bool *)ctx ? "two" : "alone");
}

static seed_step offload_meeting(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return seed_offload(req, meet, then_tell, seed_req_alloc(req, 1));
}

static seed_step dawdle(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    sleep_ms(100);
    return seed_send_text(res, 200, "dawdled");
}

/* Both are queued in one turn of the loop, before the one thread that there is
 * has woken up for the first. */
static void makes_no_job_wait_behind_another(void **state)
{
    static const char head[] = "GET /meet HTTP/1.1\r\nHost: a\r\n\r\n",
        wait[] = "GET /dawdle HTTP/1.1\r\nHost: a\r\n\r\n";
    seed_server *server = make_server(2);
    struct served served;
    int clients[3];

    (void)state;
    met = 0;
    seed_get(server, "/meet", offload_meeting, NULL);
    seed_get(server, "/dawdle", dawdle, NULL);
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    serve(&served, server);
    assert_string_equal("job 1", get(seed_server_port(server), "/job/1"));
    for (int i = 0; i < 3; i++)
        clients[i] = dial(seed_server_port(server));
    assert_int_equal(strlen(wait), write(clients[0], wait, strlen(wait)));
    for (int i = 1; i < 3; i++)
        assert_int_equal(strlen(head),
            write(clients[i], head, strlen(head)));
    for (int i = 1; i < 3; i++)
        assert_non_null(strstr(ask(clients[i], "", "two"), "two"));
    for (int i = 0; i < 3; i++)
        close(clients[i]);
    assert_int_equal(serve_stop(&served), 0);
    seed_server_free(server);
}

static atomic_int asked, cleaned;

static void clean(void *ctx)
{
    (void)ctx;
    cleaned++;
}

static seed_step offload_and_count(seed_req *req, seed_res *res, void *ctx)
{
    seed_req_cleanup(req, clean, NULL);
    asked++;
    return offload(req, res, ctx);
}

/* Clients leave, the server stops at once and is freed while work runs and
 * more is queued: all memory comes back, of those that had been read. */
static void lets_go_of_what_is_not_done(void **state)
{
    seed_server *server = make_server(1);
    struct served served;
    int clients[8];

    (void)state;
    seed_get(server, "/count/:n", offload_and_count, NULL);
    asked = cleaned = 0;
    assert_int_equal(seed_listen(server, "127.0.0.1", 0), 0);
    serve(&served, server);
    for (int i = 0; i < 8; i++) {
        clients[i] = dial(seed_server_port(server));
        assert_int_equal(write(clients[i],
            "GET /count/5 HTTP/1.1\r\nHost: a\r\n\r\n", 34), 34);
    }
    assert_true(await_count(&works, 1));
    seed_stop(server, 0);
    assert_int_equal(serve_join(&served), 0);
    seed_server_free(server);
    assert_true(works < 8);
    assert_true(asked >= 1);
    assert_int_equal(cleaned, asked);
    for (int i = 0; i < 8; i++)
        close(clients[i]);
}

static sigset_t mask_of_pool;

static void look_at_mask(void *ctx)
{
    (void)ctx;
    pthread_sigmask(SIG_BLOCK, NULL, &mask_of_pool);
}

static seed_step offload_mask(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    (void)ctx;
    return seed_offload(req, look_at_mask, then_ok, NULL);
}

static void leaves_signals_to_the_application(void **state)
{
    static const struct {
        int number, blocked;
    } signals[] = { { SIGINT, 1 }, { SIGTERM, 1 }, { SIGUSR1, 1 },
        { SIGPIPE, 1 }, { SIGCHLD, 1 }, { SIGSEGV, 0 }, { SIGPROF, 0 } };
    seed_server *server = make_server(1);
    sigset_t before, after;

    (void)state;
    pthread_sigmask(SIG_BLOCK, NULL, &before);
    seed_get(server, "/mask", offload_mask, NULL);
    seed_reply_free(seed_inject(server,
        &(struct seed_injection){ .url = "/mask" }));
    pthread_sigmask(SIG_BLOCK, NULL, &after);
    assert_memory_equal(&before, &after, sizeof(unsigned long));
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        assert_int_equal(sigismember(&mask_of_pool, signals[i].number),
            signals[i].blocked);
    seed_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on_when_the_work_is_done),
        cmocka_unit_test(uses_as_many_threads_as_allowed),
        cmocka_unit_test(makes_no_job_wait_behind_another),
        cmocka_unit_test(lets_go_of_what_is_not_done),
        cmocka_unit_test(leaves_signals_to_the_application),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
