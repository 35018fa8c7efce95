/* SPDX-License-Identifier: MIT */
/* Pieces in, bytes out, for every way in which a mover may take them. */
#include "wire/queue.h"

#include "base/str.h"
#include "unit/failing.h"
#include "wire/mover.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* A mover into memory that takes so many bytes a call, and now and then
 * nothing. */
struct taker {
    struct mover mover;
    char out[65536];
    size_t length, most;
    unsigned calls, block_every;
    bool more;
};

static ssize_t take(struct mover *mover, const char *bytes, size_t length)
{
    struct taker *taker = (struct taker *)mover;

    if (length > taker->most)
        length = taker->most;
    memcpy(taker->out + taker->length, bytes, length);
    taker->length += length;
    return (ssize_t)length;
}

static bool blocked(struct taker *taker)
{
    taker->calls++;
    return taker->block_every && taker->calls % taker->block_every == 0;
}

static ssize_t write_parts(struct mover *mover, const struct iovec *parts,
    int count, bool more)
{
    struct taker *taker = (struct taker *)mover;
    ssize_t sum = 0;

    taker->more = more;
    if (blocked(taker))
        return MOVED_AGAIN;
    for (int i = 0; i < count && (size_t)sum < taker->most; i++) {
        size_t left = taker->most - (size_t)sum;
        size_t length = parts[i].iov_len < left ? parts[i].iov_len : left;

        sum += take(mover, parts[i].iov_base, length);
    }
    return sum;
}

static ssize_t write_file(struct mover *mover, int fd, uint64_t offset,
    size_t length)
{
    char bytes[4096];
    ssize_t count;

    if (blocked((struct taker *)mover))
        return MOVED_AGAIN;
    count = pread(fd, bytes, length < sizeof bytes ? length : sizeof bytes,
        (off_t)offset);
    return count <= 0 ? 0 : take(mover, bytes, (size_t)count);
}

static const struct mover_ops ops = { .write = write_parts,
    .file = write_file };

static struct taker taker;
static struct stock stock;
static struct queue queue;

static void begin(size_t most, unsigned block_every)
{
    taker = (struct taker){ .mover.ops = &ops, .most = most,
        .block_every = block_every };
    seed__queue_init(&queue, &stock);
}

static int file_of(const char *text)
{
    char path[] = "/tmp/seed-queue-XXXXXX";
    int fd = mkstemp(path);

    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    unlink(path);
    return fd;
}

/* Flushes until all is out; returns the marks as they came. */
static const char *drain(void)
{
    static char marks[4096];
    struct piece mark;

    marks[0] = '\0';
    for (int i = 0; i < 100000; i++) {
        size_t before = taker.length;
        enum flushed flushed = seed__queue_flush(&queue, &taker.mover, &mark);
        size_t length = strlen(marks);

        if (flushed == FLUSHED_ALL)
            return marks;
        assert_int_not_equal(FLUSHED_DEAD, flushed);
        if (flushed == FLUSHED_MARK)
            snprintf(marks + length, sizeof marks - length, "%s@%zu ",
                (const char *)mark.what, taker.length);
        else
            assert_true(taker.length >= before);
    }
    fail_msg("it never ends");
    return NULL;
}

static void fill(void)
{
    char copied[8];

    strcpy(copied, "head,");
    assert_true(seed__queue_copy(&queue, copied, 5));
    memset(copied, '!', sizeof copied);
    assert_true(seed__queue_borrow(&queue, "body;", 5));
    assert_true(seed__queue_mark(&queue, "a", 10));
    assert_true(seed__queue_copy(&queue, "x", 1));
    assert_true(seed__queue_copy(&queue, "yz", 2));
    assert_true(seed__queue_file(&queue, file_of("0123456789"), 2, 6));
    assert_true(seed__queue_borrow(&queue, "", 0));
    assert_true(seed__queue_mark(&queue, "b", 9));
    assert_true(seed__queue_mark(&queue, "c", 0));
    assert_true(seed__queue_borrow(&queue, "end", 3));
}

static const struct {
    size_t most;
    unsigned block_every;
} ways[] = { { 65536, 0 }, { 1, 0 }, { 1, 2 }, { 2, 3 }, { 3, 2 }, { 7, 4 } };

static void keeps_order_however_bytes_are_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ways); i++) {
        begin(ways[i].most, ways[i].block_every);
        fill();
        assert_int_equal(22, queue.waiting);
        assert_int_equal(0, strncmp("a@1", drain(), 3));
        assert_int_equal(22, taker.length);
        assert_memory_equal("head,body;xyz234567end", taker.out, 22);
        assert_int_equal(0, queue.waiting);
        assert_ptr_equal(queue.few, queue.list);
    }
}

static void sends_head_and_body_at_once(void **state)
{
    (void)state;
    begin(65536, 0);
    seed__queue_borrow(&queue, "head", 4);
    seed__queue_borrow(&queue, "body", 4);
    seed__queue_mark(&queue, "1", 8);
    seed__queue_borrow(&queue, "head", 4);
    seed__queue_mark(&queue, "2", 4);
    assert_string_equal("1@12 2@12 ", drain());
    assert_int_equal(1, taker.calls);
    assert_false(taker.more);
}

static void ends_with_its_share(void **state)
{
    static const char *const so_far[] = { "head,bo", "head,body;xyz2",
        "head,body;xyz234567en" };
    struct piece mark;

    (void)state;
    begin(65536, 0);
    fill();
    for (size_t i = 0; i < COUNT(so_far); i++) {
        queue.share = 7;
        while (seed__queue_flush(&queue, &taker.mover, &mark) == FLUSHED_MARK)
            ;
        assert_int_equal(0, queue.share);
        assert_int_equal(strlen(so_far[i]), taker.length);
        assert_memory_equal(so_far[i], taker.out, taker.length);
        assert_int_equal(FLUSHED_ENOUGH,
            seed__queue_flush(&queue, &taker.mover, &mark));
    }
    assert_true(taker.more);
    queue.share = 7;
    assert_string_equal("", drain());
    assert_int_equal(22, taker.length);
    assert_false(taker.more);
}

static void says_that_a_file_follows(void **state)
{
    struct piece mark;

    (void)state;
    begin(65536, 2);
    seed__queue_borrow(&queue, "head", 4);
    seed__queue_file(&queue, file_of("file"), 0, 4);
    assert_int_equal(FLUSHED_BLOCKED,
        seed__queue_flush(&queue, &taker.mover, &mark));
    assert_true(taker.more);
    drain();
    assert_memory_equal("headfile", taker.out, 8);
}

static void dies_of_a_file_that_has_shrunk(void **state)
{
    struct piece mark;

    (void)state;
    begin(65536, 0);
    seed__queue_file(&queue, file_of("short"), 0, 50);
    assert_int_equal(FLUSHED_DEAD,
        seed__queue_flush(&queue, &taker.mover, &mark));
    assert_int_equal(5, taker.length);
    seed__queue_clear(&queue);
}

static void grows_and_gives_back(void **state)
{
    enum { MANY = 5000 };

    (void)state;
    begin(1000, 3);
    for (int i = 0; i < MANY; i++) {
        struct piece mark;

        assert_true(seed__queue_borrow(&queue, "0123456789", 10));
        assert_true(seed__queue_mark(&queue, "m", 10));
        if (i % 7 == 0)
            seed__queue_flush(&queue, &taker.mover, &mark);
    }
    for (int i = 0; i < 50000 && queue.count; i++) {
        struct piece mark;

        seed__queue_flush(&queue, &taker.mover, &mark);
    }
    assert_int_equal(MANY * 10, taker.length);
    assert_ptr_equal(queue.few, queue.list);
}

static void pops_marks_over_what_will_not_leave(void **state)
{
    struct piece mark;

    (void)state;
    begin(65536, 0);
    fill();
    assert_true(seed__queue_pop_mark(&queue, &mark));
    assert_string_equal("a", mark.what);
    assert_int_equal(10, mark.length);
    assert_true(seed__queue_pop_mark(&queue, &mark));
    assert_true(seed__queue_pop_mark(&queue, &mark));
    assert_string_equal("c", mark.what);
    assert_false(seed__queue_pop_mark(&queue, &mark));
    assert_int_equal(0, queue.count);
    assert_int_equal(0, queue.waiting);
}

static void survives_each_failed_allocation(void **state)
{
    long n = 0;
    bool all = false;

    (void)state;
    seed__stock_clear(&stock);
    for (; !all; n++) {
        begin(65536, 0);
        failing.left = n;
        all = true;
        for (int i = 0; i < 200; i++) {
            all &= seed__queue_copy(&queue, "abc", 3);
            all &= seed__queue_borrow(&queue, "def", 3);
            all &= seed__queue_mark(&queue, "m", 1);
        }
        failing.left = -1;
        seed__queue_clear(&queue);
        seed__stock_clear(&stock);
        assert_int_equal(0, failing.live);
    }
    assert_true(n > 5);
}

static int clear_stock(void **state)
{
    (void)state;
    seed__stock_clear(&stock);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_order_however_bytes_are_taken),
        cmocka_unit_test(sends_head_and_body_at_once),
        cmocka_unit_test(ends_with_its_share),
        cmocka_unit_test(says_that_a_file_follows),
        cmocka_unit_test(dies_of_a_file_that_has_shrunk),
        cmocka_unit_test(grows_and_gives_back),
        cmocka_unit_test(pops_marks_over_what_will_not_leave),
        cmocka_unit_test(survives_each_failed_allocation),
    };

    failing_install();
    return cmocka_run_group_tests(tests, NULL, clear_stock);
}
