/* SPDX-License-Identifier: MIT */
/* A server with a fault, and a doctor who is asked by hand.
 *
 *     make build/examples/doctor
 *     build/examples/doctor 3000 report.html
 *     wrk -c100 -d10 http://localhost:3000/     (in another terminal)
 *     Ctrl-C
 *
 * prints what is wrong, and writes the report. */
#include <seed.h>

#include <stdio.h>
#include <stdlib.h>

static void remember(const seed_event *event, void *ctx)
{
    unsigned *answers = ctx;

    *answers += seed_res_status(event->res) == 200;
}

/* The fault: a hook is added with each request, and all of them stay. */
static seed_step count_answers(seed_req *req, seed_res *res, void *ctx)
{
    (void)res;
    seed_after(seed_req_server(req), remember, ctx);
    return SEED_NEXT;
}

static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "hello\n");
}

static void print_finding(const struct seed_finding *finding, void *ctx)
{
    fprintf(ctx, "%s %s: %s (%s:%d)\n", finding->id, finding->title,
        finding->function, finding->file, finding->line);
}

static int report(seed_doctor *doctor, const char *path)
{
    char *text;

    seed_doctor_stop(doctor);
    text = seed_doctor_render(doctor, SEED_DOCTOR_TEXT, NULL);
    if (text)
        fputs(text, stdout);
    seed_release(text);
    seed_doctor_each_finding(doctor, print_finding, stdout);
    if (path && seed_doctor_write(doctor, path))
        perror(path);
    return seed_doctor_status(doctor);
}

int main(int argc, char **argv)
{
    unsigned answers = 0;
    seed_server *server = seed_server_new(NULL);
    seed_doctor *doctor = seed_doctor_start(server,
        &(struct seed_doctor_options){ .title = "example",
            .goal = "rps>=1000,p99<=50ms,errors<=0" });
    int status;

    seed_use(server, count_answers, &answers);
    seed_get(server, "/", hello, NULL);
    if (!seed_listen(server, "localhost", argc > 1 ? atoi(argv[1]) : 3000))
        fprintf(stderr, "listening on %s\n", seed_server_url(server));
    if (seed_run(server))
        fprintf(stderr, "%s\n", seed_server_error(server));
    status = report(doctor, argc > 2 ? argv[2] : NULL);
    seed_server_free(server);
    seed_doctor_free(doctor);
    return status;
}
