/* SPDX-License-Identifier: MIT */
/* The article's slow server: a listener leak. */
/* with: examples/seed-server/slow.c examples/seed-server/shared.c */
#include "clinic/programs/common.h"

#include "../../../examples/seed-server/shared.h"

static void be_silent(const char *line, void *ctx)
{
    (void)line;
    (void)ctx;
}

int main(void)
{
    seed_server *server = seed_server_new(&(struct seed_options){
        .warn = be_silent });

    if (!grow_seed(60000))
        return 1;
    set_up_slow(server);
    return clinic_run(server);
}
