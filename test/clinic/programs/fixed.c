/* SPDX-License-Identifier: MIT */
/* The article's server with its guard mended: nothing is wrong. */
/* with: examples/seed-server/fixed.c examples/seed-server/shared.c */
#include "clinic/programs/common.h"

#include "../../../examples/seed-server/shared.h"

int main(void)
{
    seed_server *server = seed_server_new(NULL);

    if (!grow_seed(60000))
        return 1;
    set_up_fixed(server);
    return clinic_run(server);
}
