/* SPDX-License-Identifier: MIT */
/* The article's server, slow or fast, with a flame graph of all its time: where
 * it listens goes to standard output; SIGTERM ends it, and then the files are
 * written, and what it cost is told.
 *
 *     flamed slow|fast HERTZ [FILE.html|.json|.folded|...] ...        */
/* with: examples/seed-server/slow.c examples/seed-server/fast.c */
/* with: examples/seed-server/shared.c */
#include <seed.h>

#include "../../../examples/seed-server/shared.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void be_silent(const char *line, void *ctx)
{
    (void)line;
    (void)ctx;
}

static uint64_t computed(void)
{
    struct timespec time;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int serve(seed_server *server)
{
    int error = seed_listen(server, "127.0.0.1", 0);

    if (!error) {
        printf("%s\n", seed_server_url(server));
        fflush(stdout);
        error = seed_run(server);
    }
    if (error)
        fprintf(stderr, "%s\n", seed_server_error(server));
    seed_server_free(server);
    return error;
}

/* One line of "name=number" for who measures. */
static void tell(const seed_flame *flame, uint64_t cpu)
{
    struct seed_flame_counts counts = seed_flame_counts(flame);

    printf("cpu=%" PRIu64 " sampled=%" PRIu64 " samples=%" PRIu64
        " dropped=%" PRIu64 " truncated=%" PRIu64 " complete=%" PRIu64
        " handlers=%" PRIu64 " collector=%" PRIu64 "\n", cpu,
        counts.nanoseconds, counts.samples, counts.dropped, counts.truncated,
        counts.complete, counts.handlers, counts.collector);
}

int main(int argc, char **argv)
{
    seed_server *server = seed_server_new(&(struct seed_options){
        .warn = be_silent });
    unsigned hertz = argc > 2 ? (unsigned)atoi(argv[2]) : 0;
    seed_flame *flame;
    uint64_t began;
    int error;

    if (argc < 3 || !grow_seed(60000))
        return 2;
    if (!strcmp(argv[1], "slow"))
        set_up_slow(server);
    else
        set_up_fast(server);

    began = computed();
    flame = hertz ? seed_flame_start(
        &(struct seed_flame_options){ .hertz = hertz, .title = argv[1] })
        : NULL;
    error = serve(server);
    seed_flame_stop(flame);
    tell(flame, computed() - began);
    for (int i = 3; i < argc; i++)
        error |= seed_flame_write(flame, argv[i]);
    seed_flame_free(flame);
    return error != 0;
}
