/* SPDX-License-Identifier: MIT */
/* Computes for 30 ms in each request: a blocked loop. */
#include "clinic/programs/common.h"

static volatile unsigned rounds;

static seed_step compute(seed_req *req, seed_res *res, void *ctx)
{
    uint64_t end = clinic_worked() + 30000000;

    (void)req;
    (void)ctx;
    while (clinic_worked() < end)
        for (int i = 0; i < 10000; i++)
            rounds = rounds * 31 + 7;
    return seed_send_text(res, 200, "computed\n");
}

int main(void)
{
    seed_server *server = seed_server_new(NULL);

    seed_get(server, "/", compute, NULL);
    return clinic_run(server);
}
