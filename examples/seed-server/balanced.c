/* SPDX-License-Identifier: MIT */
/* Behind a load balancer: it asks whether the server is well and wants more,
 * and whom the server refuses in time the balancer sends elsewhere. See
 * examples/deploy/haproxy. */
#include "shared.h"

static const char key;

static void release(void *shed)
{
    seed_shed_free(shed);
}

void set_up_balanced(seed_server *server)
{
    seed_shed *shed = seed_shed_new(server, NULL);

    seed_use(server, seed_shed_load, shed);
    if (seed_server_set(server, &key, shed, release))
        seed_shed_free(shed);
    seed_health_add(server, NULL, NULL);
}
