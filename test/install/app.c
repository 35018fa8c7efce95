/* SPDX-License-Identifier: MIT */
/* A user's program, C11 and C++11 at once: it sees nothing but what an
 * installation holds, answers one request and says what it answered. */
#include <seed.h>

#include <stdio.h>
#include <string.h>

static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    return seed_send_text(res, 200, seed_req_param(req, "name"));
}

/* The macros of the log are arrays in C, and templates in C++. */
static void log_to(const char *path)
{
    struct seed_log_options options;
    seed_log *log, *child;

    memset(&options, 0, sizeof options);
    options.path = path;
    log = seed_log_new(&options);
    child = seed_log_child(log, seed_str("a", "b"));
    seed_log_info(log, "hello");
    seed_log_warn(child, "hello", seed_int("n", 1), seed_bool("yes", true));
    seed_log_free(child);
    seed_log_free(log);
}

int main(void)
{
    seed_server *server = seed_server_new(NULL);
    struct seed_injection question;
    seed_reply *reply;
    int good;

    log_to("/dev/null");
    memset(&question, 0, sizeof question);
    question.url = "/hello/world";
    seed_get(server, "/hello/:name", hello, NULL);
    reply = seed_inject(server, &question);
    if (!reply) {
        fprintf(stderr, "%s\n", seed_server_error(server));
        return 1;
    }

    good = seed_reply_status(reply) == 200 &&
        strcmp(seed_reply_body(reply, NULL), "world") == 0 &&
        strcmp(seed_version(), SEED_VERSION) == 0;
    printf("%s %s\n", seed_version(), seed_reply_body(reply, NULL));
    seed_reply_free(reply);
    seed_server_free(server);
    return good ? 0 : 1;
}
