/* SPDX-License-Identifier: MIT */
/* Opens and closes files for 10 ms in each request, one after the other, as
 * node's ...Sync() functions do: a blocked loop. */
#include "clinic/programs/common.h"

#include <fcntl.h>
#include <unistd.h>

static seed_step open_files(seed_req *req, seed_res *res, void *ctx)
{
    uint64_t end = clinic_worked() + 10000000;

    (void)req;
    (void)ctx;
    while (clinic_worked() < end)
        for (int i = 0; i < 100; i++)
            close(open("/dev/null", O_RDONLY | O_CLOEXEC));
    return seed_send_text(res, 200, "opened\n");
}

int main(void)
{
    seed_server *server = seed_server_new(NULL);

    seed_get(server, "/", open_files, NULL);
    return clinic_run(server);
}
