/* SPDX-License-Identifier: MIT */
/* Limits of its own, a route with a deadline, and a log of who met them.
 *
 *     make build/examples/limits
 *     build/examples/limits 3000
 *     curl -i localhost:3000/report          503 after two seconds
 */
#include <seed.h>
#include <stdio.h>
#include <stdlib.h>

/* A question to somewhere else, whose answer never comes. */
struct question {
    seed_req *req;
    seed_timer *timer;
};

static void on_answer(void *ctx)
{
    struct question *question = ctx;

    seed_timer_stop(question->timer);
    seed_resume(question->req,
        seed_send_text(seed_req_res(question->req), 200, "the report"));
}

/* Nobody waits for it any more: what was begun ends. */
static void give_up(seed_req *req, enum seed_cancel why, void *ctx)
{
    struct question *question = ctx;

    fprintf(stderr, "%s\n", why == SEED_CANCEL_DEADLINE ? "too late" : "gone");
    seed_timer_stop(question->timer);
    seed_resume(req, SEED_STOP);
}

static seed_step report(seed_req *req, seed_res *res, void *ctx)
{
    struct question *question = seed_req_alloc(req, sizeof *question);

    (void)ctx;
    if (!question)
        return seed_fail(res, 503, "no memory");
    question->req = req;
    question->timer = seed_timer_start(seed_req_worker(req), 60000, false,
        on_answer, question);
    seed_on_cancel(req, give_up, question);
    return SEED_WAIT;
}

static void note_limit(const seed_event *event, void *ctx)
{
    (void)ctx;
    if (event->limit == SEED_LIMIT_ADDRESS)
        fprintf(stderr, "an address has too many connections\n");
}

int main(int argc, char **argv)
{
    seed_server *server = seed_server_new(&(struct seed_options){
        .idle_deadline = 75000,   /* longer than the load balancer's */
        .max_body = (size_t)8 << 20,
        .body_deadline = SEED_UNLIMITED,
        .max_per_address = 100,
    });
    int error;

    seed_on(server, SEED_ON_LIMIT, note_limit, NULL);
    seed_route_deadline(seed_get(server, "/report", report, NULL), 2000);
    if (!seed_listen(server, "localhost", argc > 1 ? atoi(argv[1]) : 3000))
        fprintf(stderr, "listening on %s\n", seed_server_url(server));
    if ((error = seed_run(server)))
        fprintf(stderr, "%s\n", seed_server_error(server));
    seed_server_free(server);
    return error != 0;
}
