/* SPDX-License-Identifier: MIT */
/* Keeps a list of a thousand pieces for each request, and never releases one:
 * memory. */
#include "clinic/programs/common.h"

#include <stdlib.h>

struct piece {
    struct piece *next;
    char text[40];
};

static struct piece *kept;

static seed_step keep(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    for (int i = 0; i < 1000; i++) {
        struct piece *piece = malloc(sizeof *piece);

        if (!piece)
            return seed_fail(res, 503, "out of memory");
        piece->next = kept;
        snprintf(piece->text, sizeof piece->text, "%.30s",
            seed_req_path(req));
        kept = piece;
    }
    return seed_send_text(res, 200, "kept\n");
}

int main(void)
{
    seed_server *server = seed_server_new(NULL);

    seed_get(server, "/", keep, NULL);
    return clinic_run(server);
}
