/* SPDX-License-Identifier: MIT */
/* A server that draws a flame graph of itself.
 *
 *     make build/examples/flame
 *     build/examples/flame 3000 flame.html
 *     curl localhost:3000/report         (again and again, or by wrk)
 *     kill -TERM it, and open flame.html
 */
#include <inttypes.h>
#include <seed.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 20000 };

static int by_number(const void *a, const void *b)
{
    unsigned one = *(const unsigned *)a, other = *(const unsigned *)b;

    return (one > other) - (one < other);
}

/* The graph will say whether it is the sorting or the writing. */
static seed_step report(seed_req *req, seed_res *res, void *ctx)
{
    unsigned *rows = seed_req_alloc(req, ROWS * sizeof *rows);
    seed_json json;

    (void)ctx;
    if (!rows)
        return seed_fail(res, 503, "out of memory");
    for (unsigned i = 0; i < ROWS; i++)
        rows[i] = i * 2654435761u;
    qsort(rows, ROWS, sizeof *rows, by_number);

    seed_json_start(&json, res);
    seed_json_array(&json, NULL);
    for (unsigned i = 0; i < ROWS; i += 100)
        seed_json_integer(&json, NULL, rows[i]);
    seed_json_end(&json);
    return seed_json_send(&json, 200);
}

static void tell(const seed_flame *flame)
{
    struct seed_flame_counts counts = seed_flame_counts(flame);

    printf("%" PRIu64 " samples of %.1f s of CPU time, for %.1f ms of it\n",
        counts.samples, (double)counts.nanoseconds / 1e9,
        (double)(counts.handlers + counts.collector) / 1e6);
}

int main(int argc, char **argv)
{
    int port = argc > 1 ? atoi(argv[1]) : 3000;
    const char *path = argc > 2 ? argv[2] : "flame.html";
    seed_server *server = seed_server_new(NULL);
    seed_flame *flame = seed_flame_start(
        &(struct seed_flame_options){ .hertz = 99, .title = "report" });

    if (!flame)
        perror("seed_flame_start");
    seed_get(server, "/report", report, NULL);
    if (!seed_listen(server, "localhost", port)) {
        puts(seed_server_url(server));
        fflush(stdout);
    }
    if (seed_run(server)) {
        fprintf(stderr, "%s\n", seed_server_error(server));
        return 1;
    }
    seed_server_free(server);

    seed_flame_stop(flame);
    tell(flame);
    if (argc > 3 && seed_flame_before(flame, argv[3]))
        perror(argv[3]);
    if (seed_flame_write(flame, path))
        perror(path);
    seed_flame_free(flame);
    return 0;
}
