/* SPDX-License-Identifier: MIT */
/* Listeners, with and without descriptors to accept with.
 *
 * not under valgrind: its accept() does not obey RLIMIT_NOFILE. */
#include "unit/wire/rig.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static struct rig rig;
static unsigned warnings;

static void warn(const char *line, void *ctx)
{
    (void)ctx;
    assert_non_null(strstr(line, "Too many open files"));
    warnings++;
}

/* Without a rest, each turn would fail again, and say so. */
static void rests_when_descriptors_run_out(void **state)
{
    struct rlimit limit, low;
    uint64_t turns;
    int client;

    (void)state;
    memset(&rig, 0, sizeof rig);
    rig.options.warn = warn;
    rig_open(&rig);
    getrlimit(RLIMIT_NOFILE, &limit);
    low = limit;
    client = dup(0);
    low.rlim_cur = (rlim_t)client + 1;
    close(client);
    setrlimit(RLIMIT_NOFILE, &low);
    client = rig_connect(&rig);
    turns = seed__loop_state(rig.loop).iterations;
    for (int i = 0; i < 10; i++)
        rig_turn(&rig);
    assert_true(seed__loop_state(rig.loop).iterations - turns <= 2);
    assert_int_equal(1, warnings);
    assert_string_equal(rig_log(&rig), "");

    setrlimit(RLIMIT_NOFILE, &limit);
    for (int i = 0; i < 100 && !*rig.log; i++) {
        usleep(10000);
        rig_turn(&rig);
    }
    assert_string_equal(rig_log(&rig), "open");
    assert_int_equal(1,
        rig_count(rig_ask(&rig, client, GET("/hello")), HELLO_BODY));
    assert_int_equal(1, warnings);
    close(client);
    rig_close(&rig);
}

static void owns_the_descriptor(void **state)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    (void)state;
    assert_int_equal(0, listen(fd, 1));
    memset(&rig, 0, sizeof rig);
    rig_open(&rig);
    assert_int_equal(0, seed__loop_listen(rig.loop, fd, NULL));
    rig_close(&rig);
    assert_int_equal(-1, fcntl(fd, F_GETFD));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(rests_when_descriptors_run_out),
        cmocka_unit_test(owns_the_descriptor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
