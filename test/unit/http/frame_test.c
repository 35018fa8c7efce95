/* SPDX-License-Identifier: MIT */
#include "http/frame.h"

#include "unit/guarded.h"

#include <stdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct guarded area;

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

static const struct head chunked = { .chunked = true };

/* What came out of a message, however it came in. */
struct outcome {
    enum frame_step step;
    size_t used, length;
    char body[20000];
};

/* Gives the frame the bytes from *given to `to`, flush against the page. */
static enum frame_step feed(struct frame *frame, struct outcome *out,
    struct str message, size_t to)
{
    const char *start = guarded_copy(&area, message.at, to);
    const char *at = start + out->used, *data;
    enum frame_step step;
    size_t length;

    while ((step = seed__frame_next(frame, &at, start + to, &data, &length)) ==
        FRAME_DATA) {
        assert_true(length > 0);
        assert_true(out->length + length <= sizeof out->body);
        memcpy(out->body + out->length, data, length);
        out->length += length;
        assert_ptr_equal(at, data + length);
    }
    out->used = (size_t)(at - start);
    if (step == FRAME_MORE)
        assert_int_equal(out->used, to);
    assert_int_equal(seed__frame_ended(frame), step == FRAME_END);
    return step;
}

/* In steps of `step` bytes. */
static void take(struct outcome *out, struct frame *frame, struct str message,
    size_t step)
{
    size_t to = 0;

    out->used = out->length = 0;
    do {
        to = message.length - to < step ? message.length : to + step;
        out->step = feed(frame, out, message, to);
    } while (out->step == FRAME_MORE && to < message.length);
}

static void assert_same(const struct outcome *a, const struct outcome *b)
{
    assert_int_equal(a->step, b->step);
    assert_int_equal(a->length, b->length);
    assert_memory_equal(a->body, b->body, a->length);
    if (a->step == FRAME_END)
        assert_int_equal(a->used, b->used);
}

/* Whole, in two pieces at every byte, and byte by byte. */
static void judge(struct outcome *whole, const struct head *head,
    struct str message)
{
    static struct outcome out;
    struct frame frame;

    seed__frame_begin(&frame, head);
    take(whole, &frame, message, message.length);
    for (size_t cut = 1; cut < message.length && cut < 300; cut++) {
        seed__frame_begin(&frame, head);
        out.used = out.length = 0;
        out.step = feed(&frame, &out, message, cut);
        if (out.step == FRAME_MORE)
            out.step = feed(&frame, &out, message, message.length);
        assert_same(&out, whole);
    }
    seed__frame_begin(&frame, head);
    take(&out, &frame, message, 1);
    assert_same(&out, whole);
}

#define END FRAME_END
#define BAD FRAME_BAD
#define MORE FRAME_MORE

static const struct {
    struct str message;
    enum frame_step step;
    const char *body;
} messages[] = {
    { STR("0\r\n\r\n"), END, "" },
    { STR("5\r\nhello\r\n0\r\n\r\n"), END, "hello" },
    { STR("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"), END, "hello world" },
    { STR("A\r\n0123456789\r\n0\r\n\r\n"), END, "0123456789" },
    { STR("a\r\n0123456789\r\n000\r\n\r\n"), END, "0123456789" },
    { STR("0000000000000005\r\nhello\r\n0000000000000000\r\n\r\n"), END,
        "hello" },
    { STR("2\r\n\r\n\r\n0\r\n\r\n"), END, "\r\n" },
    { STR("5\r\nhello\r\n0\r\n"), MORE, "hello" },
    { STR("5\r\nhel"), MORE, "hel" },
    { STR("5\r\nhello\r\n"), MORE, "hello" },
    { STR("7fffffffffffffff\r\nhello"), MORE, "hello" },
    /* Sizes. */
    { STR("\r\n"), BAD, "" },
    { STR(" 5\r\n"), BAD, "" },
    { STR("+5\r\n"), BAD, "" },
    { STR("-0\r\n"), BAD, "" },
    { STR("0x5\r\n"), BAD, "" },
    { STR("5_0\r\n"), BAD, "" },
    { STR("5h\r\n"), BAD, "" },
    { STR("z\r\n"), BAD, "" },
    { STR("5\0\r\n"), BAD, "" },
    { STR("5 \r\n"), BAD, "" },
    { STR("5\t\r\n"), BAD, "" },
    { STR("5 x\r\n"), BAD, "" },
    { STR("8000000000000000\r\n"), BAD, "" },
    { STR("ffffffffffffffff\r\n"), BAD, "" },
    { STR("10000000000000005\r\n"), BAD, "" },
    { STR("00000000000000005\r\n"), BAD, "" },
    /* Line ends. */
    { STR("5\nhello"), BAD, "" },
    { STR("5\rhello"), BAD, "" },
    { STR("5\r\r\nhello"), BAD, "" },
    { STR("5\r\nhello\n0"), BAD, "hello" },
    { STR("5\r\nhello0\r\n\r\n"), BAD, "hello" },
    { STR("5\r\nhelloXX\r\n0"), BAD, "hello" },
    { STR("5\r\nhello\rX0"), BAD, "hello" },
    { STR("5\r\nhello\r\n\r\n0\r\n\r\n"), BAD, "hello" },
    { STR("0\n\r\n"), BAD, "" },
    { STR("0\r\n\n"), BAD, "" },
    { STR("0\r\n\rX"), BAD, "" },
    /* Extensions. */
    { STR("5;a=b\r\nhello\r\n0;x\r\n\r\n"), END, "hello" },
    { STR("5;a;b=c;d=\"e;\\\"\\\\ f\"\r\nhello\r\n0\r\n\r\n"), END, "hello" },
    { STR("5 ; a = b ;\tc\r\nhello\r\n0\r\n\r\n"), END, "hello" },
    { STR("5;f=12\r\nhello\r\n0\r\n\r\n"), END, "hello" },
    { STR("5;a=\"\xc3\xa9\"\r\nhello\r\n0\r\n\r\n"), END, "hello" },
    { STR("5;a=\"\" ;b\r\nhello\r\n0\r\n\r\n"), END, "hello" },
    { STR("5;\r\n"), BAD, "" },
    { STR("5;;a\r\n"), BAD, "" },
    { STR("5;a=\r\n"), BAD, "" },
    { STR("5;=b\r\n"), BAD, "" },
    { STR("5;a b\r\n"), BAD, "" },
    { STR("5;a=b c\r\n"), BAD, "" },
    { STR("5;a=b \r\n"), BAD, "" },
    { STR("5;a \r\n"), BAD, "" },
    { STR("5;a=\"b\"c\r\n"), BAD, "" },
    { STR("5;a=\"b\r\nhello\r\n0\r\n\r\n"), BAD, "" },
    { STR("5;a=\"\\\r\n"), BAD, "" },
    { STR("5;a\"b\"\r\n"), BAD, "" },
    { STR("5;a[=b\r\n"), BAD, "" },
    { STR("5;a\nb\r\n"), BAD, "" },
    { STR("5;a\rb\r\n"), BAD, "" },
    { STR("5;\0a\r\n"), BAD, "" },
    { STR("5;a=\"\x01\"\r\n"), BAD, "" },
    { STR("5;\xc3\xa9\r\n"), BAD, "" },
    /* Trailers. */
    { STR("0\r\nA: b\r\n\r\n"), END, "" },
    { STR("0\r\nA:\r\nB: \t \r\nC:c:\"d;=\\ e\xff\tf \r\n\r\n"), END, "" },
    { STR("0\r\nContent-Length: 9\r\nTransfer-Encoding: x\r\n\r\n"), END, "" },
    { STR("0\r\nA b\r\n\r\n"), BAD, "" },
    { STR("0\r\nA : b\r\n\r\n"), BAD, "" },
    { STR("0\r\n: b\r\n\r\n"), BAD, "" },
    { STR("0\r\nA\r\n\r\n"), BAD, "" },
    { STR("0\r\n A: b\r\n\r\n"), BAD, "" },
    { STR("0\r\nA: b\r\n c\r\n\r\n"), BAD, "" },
    { STR("0\r\nA: b\nC: d\r\n\r\n"), BAD, "" },
    { STR("0\r\nA: b\rC: d\r\n\r\n"), BAD, "" },
    { STR("0\r\nA: \0\r\n\r\n"), BAD, "" },
    { STR("0\r\nA: \x7f\r\n\r\n"), BAD, "" },
    { STR("0\r\n\xc3: b\r\n\r\n"), BAD, "" },
};

static void reads_chunks(void **state)
{
    static struct outcome out;

    (void)state;
    for (size_t i = 0; i < COUNT(messages); i++) {
        judge(&out, &chunked, messages[i].message);
        if (out.step != messages[i].step)
            fail_msg("%s: %d", messages[i].message.at, out.step);
        assert_int_equal(out.length, strlen(messages[i].body));
        assert_memory_equal(out.body, messages[i].body, out.length);
        if (out.step == END)
            assert_int_equal(out.used, messages[i].message.length);
    }
}

static void leaves_what_follows(void **state)
{
    static struct outcome out;

    (void)state;
    judge(&out, &chunked, STR("2\r\nhi\r\n0\r\n\r\nGET / HTTP/1.1\r\n"));
    assert_int_equal(out.step, END);
    assert_int_equal(out.used, strlen("2\r\nhi\r\n0\r\n\r\n"));
}

static void counts_a_length(void **state)
{
    const struct head none = { .length = 0 };
    const struct head empty = { .has_length = true, .length = 0 };
    const struct head five = { .has_length = true, .length = 5 };
    static struct outcome out;
    struct frame frame;

    (void)state;
    judge(&out, &none, STR("GET /"));
    assert_int_equal(out.step, END);
    assert_int_equal(out.used, 0);
    judge(&out, &empty, STR("GET /"));
    assert_int_equal(out.step, END);

    judge(&out, &five, STR("helloGET /"));
    assert_int_equal(out.step, END);
    assert_int_equal(out.used, 5);
    assert_int_equal(out.length, 5);
    judge(&out, &five, STR("hell"));
    assert_int_equal(out.step, MORE);

    seed__frame_begin(&frame, &none);
    assert_true(seed__frame_ended(&frame));
    seed__frame_begin(&frame, &five);
    assert_false(seed__frame_ended(&frame));
    seed__frame_begin(&frame, &chunked);
    assert_false(seed__frame_ended(&frame));
}

static void stays_bad(void **state)
{
    struct frame frame;
    const char *text = "x5\r\n", *at = text, *data;
    size_t length;

    (void)state;
    seed__frame_begin(&frame, &chunked);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(
            seed__frame_next(&frame, &at, text + 4, &data, &length), BAD);
        assert_false(seed__frame_ended(&frame));
    }
}

/* A message of `count` repeated pieces between two others. */
static struct str repeat(const char *before, const char *piece, size_t count,
    const char *after)
{
    static char bytes[60000];
    char *at = bytes;

    at += sprintf(at, "%s", before);
    while (count--)
        at += sprintf(at, "%s", piece);
    at += sprintf(at, "%s", after);
    return (struct str){ bytes, (size_t)(at - bytes) };
}

static void limits_extensions(void **state)
{
    static struct outcome out;

    (void)state;
    judge(&out, &chunked, repeat("1;", "a", 4095, "\r\nx\r\n0\r\n\r\n"));
    assert_int_equal(out.step, END);
    judge(&out, &chunked, repeat("1;", "a", 4096, "\r\nx\r\n0\r\n\r\n"));
    assert_int_equal(out.step, BAD);

    /* Their sum counts, so that many small ones are no way around. */
    judge(&out, &chunked, repeat("", "1;a\r\nx\r\n", 2048, "0\r\n\r\n"));
    assert_int_equal(out.step, END);
    judge(&out, &chunked, repeat("", "1;a\r\nx\r\n", 2049, "0\r\n\r\n"));
    assert_int_equal(out.step, BAD);
}

static void limits_trailers(void **state)
{
    static struct outcome out;

    (void)state;
    judge(&out, &chunked, repeat("0\r\n", "A: b\r\n", 16, "\r\n"));
    assert_int_equal(out.step, END);
    judge(&out, &chunked, repeat("0\r\n", "A: b\r\n", 17, "\r\n"));
    assert_int_equal(out.step, BAD);
    judge(&out, &chunked, repeat("0\r\nA:", "b", 4093, "\r\n\r\n"));
    assert_int_equal(out.step, END);
    judge(&out, &chunked, repeat("0\r\nA:", "b", 4094, "\r\n\r\n"));
    assert_int_equal(out.step, BAD);
}

static void assert_trailers(struct str message, struct str want)
{
    static struct outcome out;
    char *trailers = area.map; /* far from where messages stand */

    for (size_t step = 1; step <= message.length; step++) {
        struct frame frame;

        seed__frame_begin(&frame, &chunked);
        frame.trailers = trailers;
        take(&out, &frame, message, step);
        assert_int_equal(out.step, END);
        assert_int_equal(frame.trailer_length, want.length);
        assert_memory_equal(trailers, want.at, want.length);
    }
}

static void keeps_trailers(void **state)
{
    (void)state;
    assert_trailers(STR("0\r\n\r\n"), STR(""));
    assert_trailers(STR("0\r\nA: b\r\n\r\n"), STR("A\0b\0"));
    assert_trailers(STR("0\r\nA:\t b c \t\r\nX-Sum:d\r\nE: \r\nF:\r\n\r\n"),
        STR("A\0b c\0X-Sum\0d\0E\0\0F\0\0"));

    /* RFC 9110 6.5.1: nothing that frames, routes or allows. */
    assert_trailers(STR("0\r\nA: b\r\ncontent-LENGTH: 9 \r\nHost:\r\n"
                        "Transfer-Encoding: chunked\r\nC: d\r\n\r\n"),
        STR("A\0b\0C\0d\0"));
    assert_trailers(STR("0\r\nAuthorization: x\r\n\r\n"), STR(""));
    assert_trailers(STR("0\r\nHosts: x\r\n\r\n"), STR("Hosts\0x\0"));
}

/* The most that the limits let through fits into the room, to the byte. */
static void fills_the_room_and_no_more(void **state)
{
    static struct outcome out;
    struct guarded room = guarded_open(FRAME_TRAILER_ROOM);
    struct str message = repeat("0\r\nA:", "b", 4093, "\r\n\r\n");
    struct frame frame;

    (void)state;
    seed__frame_begin(&frame, &chunked);
    frame.trailers = room.map + room.room - FRAME_TRAILER_ROOM;
    take(&out, &frame, message, 7);
    assert_int_equal(out.step, END);
    assert_int_equal(frame.trailer_length, FRAME_TRAILER_ROOM);
    guarded_close(&room);
}

/* Memory that was short and is there now: a half line would be another one. */
static void keeps_none_without_room_at_first(void **state)
{
    struct frame frame;
    char room[FRAME_TRAILER_ROOM] = "untouched";
    const char *parts[] = { "0\r\nX: ", " \r\nA: b\r\n\r\n" }, *data;
    size_t length;

    (void)state;
    seed__frame_begin(&frame, &chunked);
    for (size_t i = 0; i < COUNT(parts); i++) {
        const char *at = parts[i], *end = at + strlen(at);

        assert_int_equal(i ? FRAME_END : FRAME_MORE,
            seed__frame_next(&frame, &at, end, &data, &length));
        frame.trailers = room;
    }
    assert_int_equal(0, frame.trailer_length);
    assert_string_equal(room, "untouched");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_chunks),
        cmocka_unit_test(leaves_what_follows),
        cmocka_unit_test(counts_a_length),
        cmocka_unit_test(stays_bad),
        cmocka_unit_test(limits_extensions),
        cmocka_unit_test(limits_trailers),
        cmocka_unit_test(keeps_trailers),
        cmocka_unit_test(keeps_none_without_room_at_first),
        cmocka_unit_test(fills_the_room_and_no_more),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
