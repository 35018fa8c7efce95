/* SPDX-License-Identifier: MIT */
/* A timer that computes for 200 ms every 2 s, beside a handler that does not:
 * a blocked loop, by no handler. */
#include "clinic/programs/common.h"

static volatile unsigned rounds;

static void clean_up(void *ctx)
{
    uint64_t end = clinic_worked() + 200000000;

    (void)ctx;
    while (clinic_worked() < end)
        for (int i = 0; i < 10000; i++)
            rounds = rounds * 31 + 7;
}

static void start_timer(const seed_event *event, void *ctx)
{
    seed_timer_start(event->worker, 2000, true, clean_up, ctx);
}

static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "hello\n");
}

int main(void)
{
    seed_server *server = seed_server_new(NULL);

    seed_on(server, SEED_ON_LISTEN, start_timer, NULL);
    seed_get(server, "/", hello, NULL);
    return clinic_run(server);
}
