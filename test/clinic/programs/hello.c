/* SPDX-License-Identifier: MIT */
/* Hello: nothing is wrong. */
#include "clinic/programs/common.h"

static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "hello\n");
}

int main(void)
{
    seed_server *server = seed_server_new(NULL);

    seed_get(server, "/", hello, NULL);
    return clinic_run(server);
}
