/* SPDX-License-Identifier: MIT */
/* The seed server's fast mode, as examples/seed-server has it, with the
 * watchers that are named: what each of them costs.
 *
 *     watched [log=FILE] [metrics] [ledger] [lag] [stall] [admin] */

/* In one file, `content` of the one is over that of the other. */
#pragma GCC diagnostic ignored "-Wshadow"
#include "../../examples/seed-server/shared.c"
#include "../../examples/seed-server/fast.c"

#include <stdio.h>
#include <string.h>

static struct seed_watch read_words(char **words)
{
    struct seed_watch watch = { 0 };

    for (; *words; words++) {
        if (!strncmp(*words, "log=", 4))
            watch.log = *words + 4;
        watch.metrics |= !strcmp(*words, "metrics");
        watch.ledger |= !strcmp(*words, "ledger");
        watch.lag |= !strcmp(*words, "lag");
        if (!strcmp(*words, "stall"))
            watch.stall = 42;
        if (!strcmp(*words, "admin"))
            watch.admin = "127.0.0.1:0";
    }
    return watch;
}

int main(int argc, char **argv)
{
    seed_server *server = seed_server_new(&(struct seed_options){
        .name = "restify", .no_implied_head = true,
        .no_automatic_options = true });
    struct seed_watch watch = read_words(argv + (argc > 0));
    int error;

    if (!grow_seed(60000))
        return 1;
    set_up_fast(server);
    seed_watch(server, &watch);
    if (!seed_listen(server, "127.0.0.1", 0)) {
        puts(seed_server_url(server));
        fflush(stdout);
    }
    error = seed_run(server);
    if (error)
        fprintf(stderr, "%s\n", seed_server_error(server));
    seed_server_free(server);
    return error ? 1 : 0;
}
