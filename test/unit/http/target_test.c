/* SPDX-License-Identifier: MIT */
#include "http/target.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    struct str target;
    enum target_form form;
} forms[] = {
    { STR(""), TARGET_BAD },
    { STR("/"), TARGET_ORIGIN },
    { STR("//x"), TARGET_ORIGIN },
    { STR("/a?b"), TARGET_ORIGIN },
    { STR("*"), TARGET_ASTERISK },
    { STR("**"), TARGET_BAD },
    { STR("*?x"), TARGET_BAD },
    { STR("?x"), TARGET_BAD },
    { STR("a"), TARGET_BAD },
    { STR("a/b"), TARGET_BAD },
    { STR("http"), TARGET_BAD },
    { STR("http:/"), TARGET_BAD },
    { STR("http://"), TARGET_BAD },
    { STR("http:///"), TARGET_BAD },
    { STR("http://?"), TARGET_BAD },
    { STR("http://a"), TARGET_ABSOLUTE },
    { STR("HTTPS://a/b?c"), TARGET_ABSOLUTE },
    { STR("http://a?x://y"), TARGET_ABSOLUTE },
    { STR("http://a:/"), TARGET_ABSOLUTE },
    { STR("http://a:80"), TARGET_ABSOLUTE },
    { STR("http://:80"), TARGET_BAD },
    { STR("http://u@a/"), TARGET_BAD },
    { STR("http://u:p@a/"), TARGET_BAD },
    { STR("http://a%2/"), TARGET_BAD },
    { STR("http://a%41/"), TARGET_ABSOLUTE },
    { STR("http://[::1]:1/"), TARGET_ABSOLUTE },
    { STR("http://[]/"), TARGET_BAD },
    { STR("ftp://a/"), TARGET_BAD },
    { STR("httpx://a/"), TARGET_BAD },
    { STR("a:80"), TARGET_AUTHORITY },
    { STR("[::1]:80"), TARGET_AUTHORITY },
    { STR("http:80"), TARGET_AUTHORITY },
    { STR("a:"), TARGET_BAD },
    { STR("[::1]"), TARGET_BAD },
    { STR("a:8x"), TARGET_BAD },
    { STR("a:80/"), TARGET_BAD },
};

static void tells_the_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        if (seed__target_form(forms[i].target) != forms[i].form)
            fail_msg("%s", forms[i].target.at);
    }
}

static const struct {
    struct str host;
    bool good;
} hosts[] = {
    { STR(""), true },
    { STR("a"), true },
    { STR("a.b-c_d~e"), true },
    { STR("a!$&'()*+,;=b"), true },
    { STR("a%20b"), true },
    { STR("a%2"), false },
    { STR("a%zz"), false },
    { STR("%"), false },
    { STR("a:80"), true },
    { STR("a:"), true },
    { STR(":"), false },
    { STR(":80"), false },
    { STR("a:b"), false },
    { STR("a:80:80"), false },
    { STR("a b"), false },
    { STR("a/b"), false },
    { STR("a?b"), false },
    { STR("a#b"), false },
    { STR("a@b"), false },
    { STR("a\\b"), false },
    { STR("a[b"), false },
    { STR("a]"), false },
    { STR("\xc3\xa9"), false },
    { STR("127.0.0.1:1"), true },
    { STR("[::1]"), true },
    { STR("[::1]:80"), true },
    { STR("[::ffff:1.2.3.4]"), true },
    { STR("[1:2:3:4:5:6:7:8]"), true },
    { STR("[1:2:3:4:5:6:7:8:9]"), false },
    { STR("[1::2::3]"), false },
    { STR("[::12345]"), false },
    { STR("[::1"), false },
    { STR("[::1]80"), false },
    { STR("[::1]:8a"), false },
    { STR("[]"), false },
    { STR("[]:80"), false },
    { STR("[a]"), false },
    { STR("[fe80::1%25lo]"), false },
    { STR("[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001]"), false },
    { STR("[v1.a]"), true },
    { STR("[VaF.x:y]:1"), true },
    { STR("[v.a]"), false },
    { STR("[v1]"), false },
    { STR("[v1.]"), false },
    { STR("[v1.a@]"), false },
    { STR("[vx.a]"), false },
};

static void judges_hosts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(hosts); i++) {
        if (seed__host_valid(hosts[i].host) != hosts[i].good)
            fail_msg("%s", hosts[i].host.at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_form),
        cmocka_unit_test(judges_hosts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
