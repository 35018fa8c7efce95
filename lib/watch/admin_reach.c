/* SPDX-License-Identifier: MIT */
/* What is asked of the admin listener that a server has, if it has one. */
#include "watch/admin.h"

#include <seed/error.h>
#include <seed/server.h>

const char seed__admin_key;

seed_admin *seed_server_admin(const seed_server *server)
{
    return seed_server_slot(server, &seed__admin_key);
}

seed_server *seed_admin_server(seed_admin *admin)
{
    return admin ? admin->server : NULL;
}

const char *seed_admin_url(const seed_admin *admin)
{
    return admin ? seed_server_url(admin->server) : "";
}

int seed_admin_listen(seed_admin *admin)
{
    struct admin_address address;
    int err;

    if (!admin)
        return SEED_ENOMEM;
    if (admin->listens || *seed_server_url(admin->server))
        return 0;

    seed__admin_parse(&address, admin->address);
    err = address.path ? seed_listen_unix(admin->server, address.path)
                       : seed_listen(admin->server, address.host,
                             address.port);
    admin->listens = !err;
    return err;
}

void seed__admin_end(seed_admin *admin)
{
    if (!admin || !admin->has_thread)
        return;
    seed_stop(admin->server, 0);
    pthread_join(admin->thread, NULL);
    admin->has_thread = false;
}
