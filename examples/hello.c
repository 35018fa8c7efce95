/* SPDX-License-Identifier: MIT */
/* The smallest server: it greets whoever the path names.
 *
 *     make build/examples/hello
 *     build/examples/hello 3000
 *     curl localhost:3000/hello/world
 */
#include <seed.h>
#include <stdio.h>
#include <stdlib.h>

static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    return seed_send_text(res, 200, seed_req_param(req, "name"));
}

int main(int argc, char **argv)
{
    seed_server *server = seed_server_new(NULL);
    int error;

    seed_get(server, "/hello/:name", hello, NULL);
    if (!seed_listen(server, "localhost", argc > 1 ? atoi(argv[1]) : 3000))
        fprintf(stderr, "listening on %s\n", seed_server_url(server));
    if ((error = seed_run(server)))
        fprintf(stderr, "%s\n", seed_server_error(server));
    seed_server_free(server);
    return error != 0;
}
