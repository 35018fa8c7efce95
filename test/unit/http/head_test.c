/* SPDX-License-Identifier: MIT */
#include "http/head.h"

#include "unit/guarded.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct head_limits usual = { 8192, 8192, 32768, 100 };

static const char *const names[] = {
#define X(name, status, text) #name,
    HEAD_VERDICTS(X)
#undef X
};

static struct guarded area;
static struct field fields[101];

static int start(void **state)
{
    (void)state;
    area = guarded_open(70000);
    return area.map ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    guarded_close(&area);
    return 0;
}

struct message {
    char name[256];
    char bytes[4096];
    size_t length;
};

/* As if `at` bytes had come, then all: in two steps. */
static enum head_verdict check_split(struct head *head,
    const struct message *message, size_t at)
{
    enum head_verdict verdict;

    seed__head_begin(head, fields, 100);
    verdict = seed__head_check(head,
        guarded_copy(&area, message->bytes, at), at, &usual);
    if (verdict != HEAD_MORE)
        return verdict;

    return seed__head_check(head,
        guarded_copy(&area, message->bytes, message->length),
        message->length, &usual);
}

/* Returns how many bytes it took to know. */
static size_t check_bytewise(struct head *head, const struct message *message,
    enum head_verdict *verdict)
{
    size_t length = 0;

    seed__head_begin(head, fields, 100);
    do {
        *verdict = seed__head_check(head,
            guarded_copy(&area, message->bytes, length), length, &usual);
    } while (*verdict == HEAD_MORE && ++length <= message->length);
    return length;
}

static void assert_same_head(const struct head *a, const struct head *b)
{
    assert_int_equal(a->method_length, b->method_length);
    assert_int_equal(a->target, b->target);
    assert_int_equal(a->target_length, b->target_length);
    assert_int_equal(a->host, b->host);
    assert_int_equal(a->host_length, b->host_length);
    assert_int_equal(a->minor, b->minor);
    assert_int_equal(a->chunked, b->chunked);
    assert_int_equal(a->has_length, b->has_length);
    assert_int_equal(a->keep_alive, b->keep_alive);
    assert_int_equal(a->expect_continue, b->expect_continue);
    assert_int_equal(a->length, b->length);
    assert_int_equal(a->size, b->size);
    assert_int_equal(a->count, b->count);
}

/* Whole, cut at every byte and byte by byte: the same verdict and facts. */
static void judge(const struct message *message, const char *want)
{
    struct head whole, head;
    enum head_verdict verdict = check_split(&whole, message, 0), again;
    size_t known;

    if (strcmp(names[verdict], want))
        fail_msg("%s: %s instead of %s", message->name, names[verdict], want);

    for (size_t at = 1; at <= message->length; at++) {
        again = check_split(&head, message, at);
        if (again != verdict)
            fail_msg("%s cut at %zu: %s", message->name, at, names[again]);
        if (verdict == HEAD_OK)
            assert_same_head(&head, &whole);
    }
    known = check_bytewise(&head, message, &again);
    assert_int_equal(again, verdict);
    if (verdict != HEAD_OK)
        return;

    assert_same_head(&head, &whole);
    assert_int_equal(known, whole.size);
    assert_int_equal(whole.size, message->length);
}

static bool read_message(struct message *message, const char *folder,
    const char *name)
{
    char path[512];
    FILE *file;

    snprintf(path, sizeof path, "test/data/head/%s/%s", folder, name);
    snprintf(message->name, sizeof message->name, "%s", name);
    file = fopen(path, "rb");
    if (!file)
        return false;

    message->length = fread(message->bytes, 1, sizeof message->bytes, file);
    fclose(file);
    return message->length > 0 && message->length < sizeof message->bytes;
}

/* Every file of a folder; without `want`, the name says the verdict. */
static unsigned judge_folder(const char *folder, const char *want)
{
    static struct message message;
    char path[128], verdict[32];
    struct dirent *entry;
    unsigned count = 0;
    DIR *files;

    snprintf(path, sizeof path, "test/data/head/%s", folder);
    files = opendir(path);
    assert_non_null(files);
    while ((entry = readdir(files))) {
        if (*entry->d_name == '.')
            continue;
        assert_true(read_message(&message, folder, entry->d_name));
        snprintf(verdict, sizeof verdict, "%.*s",
            (int)strcspn(entry->d_name, "-"), entry->d_name);
        judge(&message, want ? want : verdict);
        count++;
    }
    closedir(files);
    return count;
}

static void accepts_valid_heads(void **state)
{
    (void)state;
    assert_true(judge_folder("valid", "OK") >= 30);
}

static void refuses_invalid_heads(void **state)
{
    (void)state;
    assert_true(judge_folder("invalid", NULL) >= 90);
}

/* A byte that is wrong is refused when it comes, not at the line's end. */
static const struct {
    const char *bytes;
    enum head_verdict verdict;
} early[] = {
    { "\x16", HEAD_TLS },
    { "\x15", HEAD_BAD_METHOD },
    { "\n", HEAD_BAD_LINE_END },
    { "\rG", HEAD_BAD_LINE_END },
    { "\r\n\r\n\r", HEAD_BAD_EMPTY_LINES },
    { "GE\x01", HEAD_BAD_METHOD },
    { "GET  ", HEAD_BAD_LINE },
    { "GET /\x80", HEAD_BAD_TARGET },
    { "GET /#", HEAD_BAD_TARGET },
    { "GET / X", HEAD_BAD_VERSION },
    { "GET / HTTP/1.1 ", HEAD_BAD_VERSION },
    { "GET / HTTP/2.0\r", HEAD_OTHER_VERSION },
    { "GET / HTTP/1.1\n", HEAD_BAD_LINE_END },
    { "GET * HTTP/1.1\r\n", HEAD_BAD_TARGET },
    { "GET / HTTP/1.1\r\n ", HEAD_BAD_NAME },
    { "GET / HTTP/1.1\r\nA ", HEAD_BAD_NAME },
    { "GET / HTTP/1.1\r\nA: b\r\n ", HEAD_FOLDED },
    { "GET / HTTP/1.1\r\nA: b\x02", HEAD_BAD_VALUE },
    { "GET / HTTP/1.1\r\nA: b\rc", HEAD_BAD_LINE_END },
    { "GET / HTTP/1.1\r\nHost: a b\r\n", HEAD_BAD_HOST },
    { "GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n", HEAD_BAD_EXPECT },
    { "GET / HTTP/1.1\r\n\r\n", HEAD_NO_HOST },
};

static void knows_with_the_first_wrong_byte(void **state)
{
    static struct message message;
    struct head head;

    (void)state;
    for (size_t i = 0; i < COUNT(early); i++) {
        enum head_verdict verdict;

        message.length = strlen(early[i].bytes);
        memcpy(message.bytes, early[i].bytes, message.length);
        assert_int_equal(check_bytewise(&head, &message, &verdict),
            message.length);
        if (verdict != early[i].verdict)
            fail_msg("%s: %s", early[i].bytes, names[verdict]);
    }
}

/* What a piece of a head looks like. */
static struct str piece(const char *bytes, unsigned at, unsigned length)
{
    return (struct str){ bytes + at, length };
}

#define ASSERT_PIECE(bytes, at, length, want) \
    assert_true(seed__str_same(piece(bytes, at, length), STR(want)))

static void tells_where_the_pieces_are(void **state)
{
    static const char bytes[] = "\r\nPOST /a?b HTTP/1.1\r\nHost:  h:80 \r\n"
                                "Content-Length: 42\r\nEmpty:\t \r\n\r\nbody";
    struct head head;

    (void)state;
    seed__head_begin(&head, fields, 100);
    assert_int_equal(
        seed__head_check(&head, bytes, sizeof bytes - 1, &usual), HEAD_OK);
    ASSERT_PIECE(bytes, head.method, head.method_length, "POST");
    ASSERT_PIECE(bytes, head.target, head.target_length, "/a?b");
    ASSERT_PIECE(bytes, head.host, head.host_length, "h:80");
    assert_int_equal(head.size, sizeof bytes - 1 - strlen("body"));
    assert_int_equal(head.length, 42);
    assert_true(head.has_length && !head.chunked);
    assert_int_equal(head.count, 3);
    ASSERT_PIECE(bytes, fields[0].name, fields[0].name_length, "Host");
    ASSERT_PIECE(bytes, fields[0].value, fields[0].value_length, "h:80");
    ASSERT_PIECE(bytes, fields[2].name, fields[2].name_length, "Empty");
    assert_int_equal(fields[2].value_length, 0);
}

/* A head of one line of `length` bytes, made of the given kind. */
static enum head_verdict judge_long(const char *before, size_t fill,
    const char *after, const struct head_limits *limits)
{
    static char bytes[70000];
    size_t length = strlen(before), step;
    enum head_verdict whole, verdict = HEAD_MORE;
    struct head head;

    memcpy(bytes, before, length);
    memset(bytes + length, 'x', fill);
    length += fill;
    memcpy(bytes + length, after, strlen(after));
    length += strlen(after);

    seed__head_begin(&head, fields, 100);
    whole = seed__head_check(&head, guarded_copy(&area, bytes, length), length,
        limits);
    for (step = 1; step < 1000; step += 331) {
        seed__head_begin(&head, fields, 100);
        verdict = HEAD_MORE;
        for (size_t at = 0; verdict == HEAD_MORE && at < length;) {
            at = at + step < length ? at + step : length;
            verdict = seed__head_check(&head, guarded_copy(&area, bytes, at),
                at, limits);
        }
        assert_int_equal(verdict, whole);
    }
    return whole;
}

static const struct {
    const char *before;
    size_t fill;
    const char *after;
    enum head_verdict verdict;
} sizes[] = {
    /* "GET /" and " HTTP/1.1" are 14 bytes. */
    { "GET /", 186, " HTTP/1.1\r\nHost: a\r\n\r\n", HEAD_OK },
    { "GET /", 187, " HTTP/1.1\r\nHost: a\r\n\r\n", HEAD_LONG_LINE },
    { "GET /", 195, "", HEAD_MORE },
    { "GET /", 196, "", HEAD_LONG_LINE },
    { "GET /", 196, "\n", HEAD_LONG_LINE },
    { "GET /", 195, "\n", HEAD_BAD_LINE_END },
    { "GET / HTTP/1.1\r\nHost: a\r\nX: ", 297, "\r\n\r\n", HEAD_OK },
    { "GET / HTTP/1.1\r\nHost: a\r\nX: ", 298, "\r\n\r\n", HEAD_LONG_FIELD },
    { "GET / HTTP/1.1\r\nHost: a\r\nX: ", 297, "\r", HEAD_MORE },
    { "GET / HTTP/1.1\r\nHost: a\r\nX: ", 297, "", HEAD_MORE },
    { "GET / HTTP/1.1\r\nHost: a\r\nX: ", 298, "", HEAD_LONG_FIELD },
    { "GET / HTTP/1.1\r\nHost: a\r\n", 300, "", HEAD_MORE },
    { "GET / HTTP/1.1\r\nHost: a\r\n", 301, "", HEAD_LONG_FIELD },
};

static void limits_lines(void **state)
{
    static const struct head_limits limits = { 200, 300, 8000, 100 };

    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        enum head_verdict verdict = judge_long(sizes[i].before, sizes[i].fill,
            sizes[i].after, &limits);

        if (verdict != sizes[i].verdict)
            fail_msg("line %zu: %s", i, names[verdict]);
    }
}

static void limits_the_head(void **state)
{
    static const char before[] = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    static const struct head_limits limits = { 400, 400, 300, 100 };
    size_t room = 300 - (sizeof before - 1) - 4;

    (void)state;
    assert_int_equal(judge_long(before, room, "\r\n\r\n", &limits), HEAD_OK);
    assert_int_equal(judge_long(before, room, "\r\n\r\nmore", &limits),
        HEAD_OK);
    assert_int_equal(judge_long(before, room + 1, "\r\n\r\n", &limits),
        HEAD_LONG_HEAD);
    assert_int_equal(judge_long(before, room + 3, "", &limits), HEAD_MORE);
    assert_int_equal(judge_long(before, room + 4, "", &limits),
        HEAD_LONG_HEAD);
    assert_int_equal(judge_long(before, room + 5, "", &limits),
        HEAD_LONG_HEAD);
}

/* The largest head that offsets of sixteen bits can describe. */
static void describes_the_largest_head(void **state)
{
    static const char before[] = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    static const struct head_limits limits = { 65535, 65535, 65535, 100 };
    size_t room = 65535 - (sizeof before - 1) - 4;

    (void)state;
    assert_int_equal(judge_long(before, room, "\r\n\r\n", &limits), HEAD_OK);
    assert_int_equal(fields[1].value, sizeof before - 1);
    assert_int_equal(fields[1].value_length, room);
}

static enum head_verdict judge_count(unsigned count, uint16_t room,
    size_t limit)
{
    struct head_limits limits = { 8192, 8192, 32768, limit };
    char bytes[4096] = "GET / HTTP/1.1\r\nHost: a\r\n";
    struct head head;

    for (unsigned i = 1; i < count; i++)
        strcat(bytes, "X: y\r\n");
    strcat(bytes, "\r\n");
    seed__head_begin(&head, fields, room);
    return seed__head_check(&head, bytes, strlen(bytes), &limits);
}

static void limits_the_fields(void **state)
{
    (void)state;
    assert_int_equal(judge_count(100, 101, 100), HEAD_OK);
    assert_int_equal(judge_count(101, 101, 100), HEAD_MANY_FIELDS);
    assert_int_equal(judge_count(100, 100, 1000), HEAD_OK);
    assert_int_equal(judge_count(101, 100, 1000), HEAD_MANY_FIELDS);
    assert_int_equal(judge_count(1, 0, 100), HEAD_MANY_FIELDS);
}

static void every_verdict_has_its_answer(void **state)
{
    (void)state;
    assert_int_equal(seed__head_status(HEAD_OK), 0);
    assert_int_equal(seed__head_status(HEAD_MORE), 0);
    assert_int_equal(seed__head_status(HEAD_LONG_LINE), 414);
    assert_int_equal(seed__head_status(HEAD_MANY_FIELDS), 431);
    for (int i = HEAD_MORE + 1; i < HEAD_VERDICT_COUNT; i++) {
        int status = seed__head_status((enum head_verdict)i);

        assert_in_range(status, 400, 505);
        assert_true(*seed__head_sentence((enum head_verdict)i) != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_valid_heads),
        cmocka_unit_test(refuses_invalid_heads),
        cmocka_unit_test(knows_with_the_first_wrong_byte),
        cmocka_unit_test(tells_where_the_pieces_are),
        cmocka_unit_test(limits_lines),
        cmocka_unit_test(limits_the_head),
        cmocka_unit_test(describes_the_largest_head),
        cmocka_unit_test(limits_the_fields),
        cmocka_unit_test(every_verdict_has_its_answer),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
