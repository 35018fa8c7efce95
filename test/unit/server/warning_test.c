/* SPDX-License-Identifier: MIT */
#include <seed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct heard {
    unsigned count;
    char last[600];
};

static void hear(const char *line, void *ctx)
{
    struct heard *heard = ctx;

    heard->count++;
    strncpy(heard->last, line, sizeof heard->last - 1);
}

static void tells_the_option_and_every_listener(void **state)
{
    struct heard option = { 0 }, listener = { 0 };
    seed_server *server = seed_server_new(&(struct seed_options){
        .warn = hear, .warn_ctx = &option });

    (void)state;
    assert_int_equal(0, seed_on_warning(server, hear, &listener));
    seed_warn(server, "disk %d is\nfull", 7);
    assert_int_equal(1, option.count);
    assert_string_equal("disk 7 is?full", option.last);
    assert_int_equal(1, listener.count);
    assert_string_equal("disk 7 is?full", listener.last);
    seed_server_free(server);
}

static void cuts_long_lines(void **state)
{
    struct heard heard = { 0 };
    seed_server *server = seed_server_new(&(struct seed_options){
        .warn = hear, .warn_ctx = &heard });

    (void)state;
    seed_warn(server, "%0700d", 1);
    assert_int_equal(511, strlen(heard.last));
    seed_server_free(server);
}

static void refuses_what_it_cannot_keep(void **state)
{
    struct heard heard = { 0 };
    seed_server *server = seed_server_new(NULL);

    (void)state;
    assert_int_equal(SEED_ENOMEM, seed_on_warning(NULL, hear, &heard));
    assert_int_equal(SEED_EINVAL, seed_on_warning(server, NULL, NULL));
    for (int i = 0; i < 4; i++)
        assert_int_equal(0, seed_on_warning(server, hear, &heard));
    assert_int_equal(SEED_EFULL, seed_on_warning(server, hear, &heard));
    seed_warn(NULL, "nobody");
    assert_int_equal(0, heard.count);
    seed_server_free(server);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_option_and_every_listener),
        cmocka_unit_test(cuts_long_lines),
        cmocka_unit_test(refuses_what_it_cannot_keep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
