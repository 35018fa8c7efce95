/* SPDX-License-Identifier: MIT */
/* A server whose every answer takes its time of the loop, behind the overload
 * protection that the first argument names:
 *
 *     overload-server none|delay|queue|limit [MICROSECONDS]
 *
 * /counts tells what was done. */
#include <seed.h>
#include <seed/shed.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* By the clock on the wall: the capacity of a server that has a core to itself
 * is what it should be, to the request. */
static seed_step work(seed_req *req, seed_res *res, void *ctx)
{
    uint64_t end = seed_now() + *(uint64_t *)ctx;

    (void)req;
    while (seed_now() < end)
        ;
    return seed_send_static(res, 200, "done", 4);
}

static seed_step tell_counts(seed_req *req, seed_res *res, void *ctx)
{
    struct seed_shed_state state = seed_shed_state(ctx);

    (void)req;
    return seed_send_text(res, 200,
        seed_req_printf(req, "admitted %llu shed %llu limit %.1f\n",
            (unsigned long long)state.admitted,
            (unsigned long long)state.shed, state.limit));
}

static seed_shed *protect(seed_server *server, const char *mode)
{
    static const char *const names[] = {
        [SEED_SHED_QUEUE] = "queue",
        [SEED_SHED_DELAY] = "delay",
        [SEED_SHED_LIMIT] = "limit",
    };
    struct seed_shed_options options = { 0 };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(mode, names[i]) != 0)
            continue;
        options.mode = (enum seed_shed_mode)i;
        return seed_shed_new(server, &options);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "none";
    uint64_t took = 1000 * (uint64_t)(argc > 2 ? atol(argv[2]) : 5000);
    seed_server *server = seed_server_new(NULL);
    seed_shed *shed = protect(server, mode);
    int error;

    if (!shed && strcmp(mode, "none") != 0)
        return 2;
    seed_use(server, seed_shed_load, shed);
    seed_get(server, "/", work, &took);
    seed_shed_class(seed_get(server, "/counts", tell_counts, shed),
        SEED_EXEMPT);

    if (!seed_listen(server, "127.0.0.1", 0)) {
        puts(seed_server_url(server));
        fflush(stdout);
    }
    if ((error = seed_run(server)))
        fprintf(stderr, "%s\n", seed_server_error(server));
    seed_server_free(server);
    seed_shed_free(shed);
    return error != 0;
}
