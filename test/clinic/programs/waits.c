/* SPDX-License-Identifier: MIT */
/* Waits for something else, 0 to 200 ms, and computes nothing: I/O. */
#include "clinic/programs/common.h"

struct wait {
    seed_req *req;
    seed_timer *timer;
};

static void answer(void *ctx)
{
    struct wait *wait = ctx;

    seed_timer_stop(wait->timer);
    seed_resume(wait->req, seed_send_text(seed_req_res(wait->req), 200,
        "waited\n"));
}

static seed_step ask_elsewhere(seed_req *req, seed_res *res, void *ctx)
{
    struct wait *wait = seed_req_alloc(req, sizeof *wait);
    static unsigned seed = 1;

    (void)ctx;
    if (!wait)
        return seed_fail(res, 503, "out of memory");

    seed = seed * 1103515245 + 12345;
    wait->req = req;
    wait->timer = seed_timer_start(seed_req_worker(req),
        1 + seed / 65536 % 200, false, answer, wait);
    return wait->timer ? SEED_WAIT : seed_fail(res, 503, "out of memory");
}

int main(void)
{
    seed_server *server = seed_server_new(NULL);

    seed_get(server, "/", ask_elsewhere, NULL);
    return clinic_run(server);
}
