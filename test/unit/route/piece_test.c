/* SPDX-License-Identifier: MIT */
#include "route/piece.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* What is read, written down: "/" for a slash, "=x" for a byte, "<name>" for a
 * parameter, "*" for the wildcard, "!why" for what is wrong. */
static void write_down(const char *pattern, char *out, size_t room)
{
    struct pieces pieces = { .at = pattern };
    size_t used = 0;

    for (;;) {
        enum piece piece = seed__piece_next(&pieces);
        const char *text = piece == PIECE_SLASH ? "/" :
            piece == PIECE_WILD ? "*" : "";

        if (piece == PIECE_BYTE)
            used += (size_t)snprintf(out + used, room - used, "=%c",
                pieces.byte);
        else if (piece == PIECE_PARAM)
            used += (size_t)snprintf(out + used, room - used, "<%.*s>",
                (int)pieces.name.length, pieces.name.at);
        else if (piece == PIECE_BAD)
            used += (size_t)snprintf(out + used, room - used, "!%s",
                pieces.why);
        else
            used += (size_t)snprintf(out + used, room - used, "%s", text);
        if (piece == PIECE_END || piece == PIECE_BAD)
            return;
    }
}

static const struct {
    const char *pattern, *want;
} cases[] = {
    { "/", "/" },
    { "//", "//" },
    { "/ab", "/=a=b" },
    { "/:id", "/<id>" },
    { "/:a_B9", "/<a_B9>" },
    { "/:id/", "/<id>/" },
    { "/x:id", "/=x<id>" },
    { "/:a-:b", "/<a>=-<b>" },
    { "/:name.:ext", "/<name>=.<ext>" },
    { "/::", "/=:" },
    { "/a::b", "/=a=:=b" },
    { "/:::a", "/=:<a>" },
    { "/:a::b", "/<a>=:=b" },
    { "/:a:::b", "/<a>=:<b>" },
    { "/*", "/*" },
    { "/files/*", "/=f=i=l=e=s/*" },
    { "/a%20b", "/=a= =b" },
    { "/%2f%2F", "/=/=/" },
    { "/%3Aid", "/=:=i=d" },
    { "/:a%3A:b", "/<a>=:<b>" },
    { "/%25", "/=%" },
    { "/\xc3\xa9", "/=\xc3=\xa9" },
    { "/(x)", "/=(=x=)" },
    { "/:", "/!a parameter has no name" },
    { "/:/a", "/!a parameter has no name" },
    { "/:-a", "/!a parameter has no name" },
    { "/:a(x)", "/!a parameter has a regular expression" },
    { "/:a:b", "/!two parameters have no text between them" },
    { "/:a:", "/!two parameters have no text between them" },
    { "/a*", "/=a!'*' is only a part of its segment" },
    { "/*a", "/!'*' is only a part of its segment" },
    { "/**", "/!'*' is only a part of its segment" },
    { "/:a*", "/<a>!'*' is only a part of its segment" },
    { "/*/a", "/!'*' is not the last segment" },
    { "/*/", "/!'*' is not the last segment" },
    { "/%", "/!a '%' is not followed by two hex digits, or is %00" },
    { "/%4", "/!a '%' is not followed by two hex digits, or is %00" },
    { "/%4/a", "/!a '%' is not followed by two hex digits, or is %00" },
    { "/%zz", "/!a '%' is not followed by two hex digits, or is %00" },
    { "/%00", "/!a '%' is not followed by two hex digits, or is %00" },
    { "/a b", "/=a!it has a blank, a control character, '?' or '#'" },
    { "/\t", "/!it has a blank, a control character, '?' or '#'" },
    { "/\x7f", "/!it has a blank, a control character, '?' or '#'" },
    { "/?q", "/!it has a blank, a control character, '?' or '#'" },
    { "/#f", "/!it has a blank, a control character, '?' or '#'" },
};

static void reads_pieces(void **state)
{
    char got[256];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        write_down(cases[i].pattern, got, sizeof got);
        assert_string_equal(got, cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
