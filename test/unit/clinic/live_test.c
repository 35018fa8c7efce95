/* SPDX-License-Identifier: MIT */
#include "clinic/live.h"

#include "base/mem.h"

#include "unit/server/served.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static seed_server *watched, *admin;

static const struct {
    const char *url;
    int status;
    const char *type, *text; /* a part of the body; NULL: any               */
} cases[] = {
    { "/flame?seconds=1", 200, "text/html; charset=utf-8", "seed-flame" },
    { "/flame?seconds=1&format=json&hertz=249", 200, "application/json",
        "\"kind\":\"seed-flame\"" },
    { "/flame?seconds=1&format=folded", 200, "text/plain; charset=utf-8",
        NULL },
    { "/flame?seconds=1&format=pprof", 200, "application/octet-stream", NULL },
    { "/flame?seconds=1&format=speedscope", 200, "application/json",
        "speedscope" },
    { "/doctor?seconds=1&format=json", 200, "application/json",
        "\"kind\":\"seed-doctor\"" },
    { "/doctor?seconds=1&format=text", 200, "text/plain; charset=utf-8",
        "seed doctor" },
    { "/doctor?seconds=1", 200, "text/html; charset=utf-8", "seed-doctor" },
    { "/doctor?seconds=0", 400, NULL, "from 1 to 600" },
    { "/doctor?seconds=601", 400, NULL, "from 1 to 600" },
    { "/doctor?seconds=-1", 400, NULL, NULL },
    { "/doctor?format=folded", 400, NULL, "html, json, text" },
    { "/flame?seconds=", 400, NULL, NULL },
    { "/flame?format=svg", 400, NULL, "speedscope" },
    { "/flame?hertz=1001", 400, NULL, "hertz" },
};

static void answers_with_recordings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        seed_reply *reply = seed_inject(admin,
            &(struct seed_injection){ .url = cases[i].url });

        assert_non_null(reply);
        assert_int_equal(cases[i].status, seed_reply_status(reply));
        if (cases[i].type)
            assert_string_equal(cases[i].type,
                seed_reply_header(reply, "Content-Type"));
        if (cases[i].text)
            assert_non_null(strstr(seed_reply_body(reply, NULL),
                cases[i].text));
        seed_reply_free(reply);
    }
}

static int open_servers(void **state)
{
    (void)state;
    watched = seed_server_new(NULL);
    admin = seed_server_new(NULL);
    seed_doctor_prepare(watched);
    seed__live_routes(admin, watched);
    return seed_server_error(admin) || seed_server_error(watched);
}

static int close_servers(void **state)
{
    (void)state;
    seed_server_free(admin);
    seed_server_free(watched);
    return 0;
}

/* --- what else is answered while a report is made ------------------------- */

/* A page is the only block of that size that is asked for outside of a loop
 * and of libseed's own threads. While the gate is shut, who asks waits. */
static struct {
    _Atomic bool shut;
    _Atomic int waiting;
    _Atomic long live;
} gate;

static void pass(size_t size)
{
    char name[16] = "";

    if (!gate.shut || size < 65536 || seed_current_worker())
        return;
    pthread_getname_np(pthread_self(), name, sizeof name);
    if (!strncmp(name, "seed-", 5))
        return;
    gate.waiting++;
    for (int i = 0; i < 5000 && gate.shut; i++)
        sleep_ms(2);
    gate.waiting--;
}

static void *allocate(size_t size)
{
    void *memory = malloc(size);

    pass(size);
    gate.live += memory != NULL;
    return memory;
}

static void *resize(void *memory, size_t size)
{
    void *larger = realloc(memory, size);

    pass(size);
    gate.live += larger && !memory;
    return larger;
}

static void release(void *memory)
{
    gate.live -= memory != NULL;
    free(memory);
}

static struct served served;

static void open_live(void)
{
    assert_int_equal(0, open_servers(NULL));
    assert_int_equal(0, seed_listen(admin, "127.0.0.1", 0));
    serve(&served, admin);
}

static void close_live(void)
{
    assert_int_equal(0, serve_stop(&served));
    close_servers(NULL);
    assert_int_equal(0, gate.live);
}

static int begin(const char *path)
{
    char text[200];
    int fd = dial(seed_server_port(admin));

    assert_true(fd >= 0);
    snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: t\r\n"
        "Connection: close\r\n\r\n", path);
    assert_true(send(fd, text, strlen(text), 0) > 0);
    return fd;
}

static void answers_with(int fd, const char *status)
{
    const char *answer = ask(fd, "", NULL);

    if (strncmp(answer + 9, status, 3))
        fail_msg("%.40s", answer);
    close(fd);
}

/* One that is being made, until the gate opens; its client. */
static int hold_a_report(void)
{
    int fd;

    open_live();
    gate.shut = true;
    fd = begin("/doctor?seconds=1");
    assert_true(await_count(&gate.waiting, 1));
    return fd;
}

static void the_loop_is_free_meanwhile(void **state)
{
    int fd;

    (void)state;
    fd = hold_a_report();
    answers_with(begin("/nowhere"), "404"); /* a health check, or whatever */
    assert_int_equal(1, gate.waiting);
    gate.shut = false;
    answers_with(fd, "200");
    close_live();
}

static void a_client_may_go_meanwhile(void **state)
{
    int fd;

    (void)state;
    open_live();
    close_with_reset(begin("/flame?seconds=1")); /* while it records */
    gate.shut = true;
    fd = begin("/doctor?seconds=1");
    assert_true(await_count(&gate.waiting, 1));
    close_with_reset(fd);
    answers_with(begin("/nowhere"), "404");
    sleep_ms(50);
    gate.shut = false;
    answers_with(begin("/doctor?seconds=1&format=text"), "200");
    close_live();
}

static void *open_gate(void *ctx)
{
    sleep_ms(100);
    gate.shut = false;
    return ctx;
}

/* The server that it tells of is there until the report is made. */
static void ends_after_the_last_report(void **state)
{
    pthread_t thread;
    int fd;

    (void)state;
    fd = hold_a_report();
    pthread_create(&thread, NULL, open_gate, NULL);
    seed_stop(admin, 0);
    assert_int_equal(0, serve_join(&served));
    assert_false(gate.shut);
    pthread_join(thread, NULL);
    close(fd);
    close_servers(NULL);
    assert_int_equal(0, gate.live);
}

/* Four, whichever they are; who comes fifth may come again. */
static void so_many_at_a_time(void **state)
{
    int fds[4];

    (void)state;
    open_live();
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 4; i++)
            fds[i] = begin(i % 2 ? "/flame?seconds=2" : "/doctor?seconds=2");
        sleep_ms(200);
        answers_with(begin("/flame?seconds=1"), "503");
        answers_with(begin("/doctor?seconds=1"), "503");
        for (int i = 0; i < 4; i++)
            answers_with(fds[i], "200");
    }
    close_live();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_with_recordings, open_servers,
            close_servers),
        cmocka_unit_test(the_loop_is_free_meanwhile),
        cmocka_unit_test(a_client_may_go_meanwhile),
        cmocka_unit_test(ends_after_the_last_report),
        cmocka_unit_test(so_many_at_a_time),
    };

    if (seed__mem_replace(allocate, resize, release))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
