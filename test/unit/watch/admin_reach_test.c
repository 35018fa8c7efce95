/* SPDX-License-Identifier: MIT */
#include "watch/admin.h"

#include <seed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void knows_that_there_is_none(void **state)
{
    seed_server *server = seed_server_new(NULL);

    (void)state;
    assert_null(seed_server_admin(server));
    assert_null(seed_admin_server(NULL));
    assert_string_equal("", seed_admin_url(NULL));
    assert_int_equal(SEED_ENOMEM, seed_admin_listen(NULL));
    seed__admin_end(NULL);
    seed_server_free(server);
}

static void finds_the_one_that_was_added(void **state)
{
    seed_server *server = seed_server_new(NULL);
    seed_admin *admin = seed_admin_add(server,
        &(struct seed_admin_options){ .address = "127.0.0.1:0" });

    (void)state;
    assert_ptr_equal(admin, seed_server_admin(server));
    assert_non_null(seed_admin_server(admin));
    assert_string_equal("", seed_admin_url(admin));
    assert_int_equal(0, seed_admin_listen(admin));
    assert_int_equal(0, seed_admin_listen(admin)); /* once more is fine */
    assert_non_null(strstr(seed_admin_url(admin), "http://127.0.0.1:"));
    seed__admin_end(admin);                        /* it has not run */
    seed_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_that_there_is_none),
        cmocka_unit_test(finds_the_one_that_was_added),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
