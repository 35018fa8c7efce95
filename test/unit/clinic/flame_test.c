/* SPDX-License-Identifier: MIT */
/* not under valgrind: it makes frames of its own for signals. */
#include "clinic/sampler.h"
#include "clinic/walk.h"

#include <seed.h>

#include "unit/clinic/burn.h"
#include "unit/failing.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* By the thread's own clock, so that the shares are what they say. */
__attribute__((noinline)) static void burn_seventy(void)
{
    burn_here(7);
    burn_count++; /* no tail call */
}

__attribute__((noinline)) static void burn_thirty(void)
{
    burn_here(3);
    burn_count++;
}

static uint64_t total_of(const struct tree *tree, const char *name)
{
    uint64_t total = 0;

    for (const struct node *at = tree->root; at; at = walk_next(at))
        if (at->frame && !strcmp(at->frame->name, name))
            total += at->total;
    return total;
}

/* Within three points: of 1,700 samples, more than two standard deviations;
 * a sample that comes with the kernel's tick cannot prefer one of them, for
 * each has its turn at odd times. */
static void shows_where_the_time_goes(void **state)
{
    seed_flame *flame = seed_flame_start(
        &(struct seed_flame_options){ .hertz = 249, .title = "shares" });
    struct seed_flame_counts counts;
    struct tree tree;
    uint64_t began;
    double share, whole;

    (void)state;
    assert_non_null(flame);
    began = burn_clock(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < 700; i++) {
        burn_seventy();
        burn_thirty();
    }
    whole = (double)(burn_clock(CLOCK_PROCESS_CPUTIME_ID) - began);
    assert_int_equal(seed_flame_stop(flame), 0);
    counts = seed_flame_counts(flame);
    assert_true((double)counts.nanoseconds / whole > (BURN_TSAN ? 0 : 0.95));
    assert_true((double)counts.nanoseconds / whole < 1.05);
    assert_int_equal(counts.dropped, 0);

    assert_int_equal(seed__tree_make(&tree, flame), 0);
    assert_int_equal(tree.root->total, counts.nanoseconds);
    share = (double)total_of(&tree, "burn_seventy")
        / (double)tree.root->total;
    if (!BURN_TSAN)
        assert_true(share > 0.67 && share < 0.73);
    share = (double)total_of(&tree, "burn_thirty") / (double)tree.root->total;
    if (!BURN_TSAN)
        assert_true(share > 0.27 && share < 0.33);
    if (!BURN_TSAN)
        assert_true((double)total_of(&tree, "main")
            / (double)tree.root->total > 0.95);
    seed__tree_clear(&tree);
    seed_flame_free(flame);
    assert_int_equal(failing.live, 0);
}

/* Of copies of the stack, by the words in them that look like calls. */
static void shows_it_without_tables(void **state)
{
    struct seed_flame_counts counts;
    seed_flame *flame;
    struct tree tree;
    double whole;

    (void)state;
    seed__sampler_unwind(UNWINDER_SEARCH);
    flame = seed_flame_start(&(struct seed_flame_options){ .hertz = 249 });
    assert_non_null(flame);
    for (int i = 0; i < 100; i++) {
        burn_seventy();
        burn_thirty();
    }
    seed_flame_stop(flame);
    seed__sampler_unwind(UNWINDER_CHOSEN);
    counts = seed_flame_counts(flame);
    assert_int_equal(counts.searched, counts.samples);
    assert_int_equal(seed__tree_make(&tree, flame), 0);
    whole = (double)tree.root->total;
    if (!BURN_TSAN) {
        assert_true((double)total_of(&tree, "main") / whole > 0.95);
        assert_true((double)total_of(&tree, "burn_seventy") / whole > 0.55);
        assert_true((double)total_of(&tree, "burn_here") / whole > 0.95);
    }
    seed__tree_clear(&tree);
    seed_flame_free(flame);
}

static void checks_its_arguments(void **state)
{
    struct seed_flame_counts counts;

    (void)state;
    errno = 0;
    assert_null(seed_flame_start(
        &(struct seed_flame_options){ .hertz = 1001 }));
    assert_int_equal(errno, EINVAL);
    assert_int_equal(seed_flame_stop(NULL), SEED_EINVAL);
    assert_int_equal(seed_flame_write(NULL, "a.html"), SEED_EINVAL);
    assert_int_equal(seed_flame_before(NULL, "a.html"), SEED_EINVAL);
    assert_null(seed_flame_render(NULL, SEED_FLAME_JSON, NULL));
    counts = seed_flame_counts(NULL);
    assert_int_equal(counts.samples, 0);
    seed_flame_free(NULL);
}

static void knows_formats_by_their_endings(void **state)
{
    static const struct {
        const char *path;
        enum seed_flame_format want;
    } cases[] = {
        { "a.html", SEED_FLAME_HTML },
        { "/tmp/a.json", SEED_FLAME_JSON },
        { "a.speedscope.json", SEED_FLAME_SPEEDSCOPE },
        { "a.folded", SEED_FLAME_FOLDED },
        { "a.pb.gz", SEED_FLAME_PPROF },
        { "a.gz", SEED_FLAME_FORMATS },
        { "html", SEED_FLAME_FORMATS },
        { "", SEED_FLAME_FORMATS },
        { NULL, SEED_FLAME_FORMATS },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(seed_flame_format_of(cases[i].path), cases[i].want);
}

static char path[100];

static const char *in_folder(const char *folder, const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void writes_files(void **state)
{
    static const char *const names[] = { "f.html", "f.json", "f.folded",
        "f.pb.gz", "f.speedscope.json" };
    char folder[] = "/tmp/seed-flame-XXXXXX";
    seed_flame *flame = seed_flame_start(NULL);
    size_t length;
    char *page;

    (void)state;
    assert_non_null(mkdtemp(folder));
    burn_here(60);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(
            seed_flame_write(flame, in_folder(folder, names[i])), 0);
        assert_int_equal(access(path, R_OK), 0);
    }
    seed_flame_stop(flame);
    assert_int_equal(seed_flame_write(flame, in_folder(folder, "f.txt")),
        SEED_EINVAL);
    assert_int_equal(seed_flame_write(flame, in_folder(folder, "no/f.json")),
        SEED_ESYSTEM);
    assert_int_equal(errno, ENOENT);

    /* An earlier one goes along in the page, out of a page or a file. */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(
            seed_flame_before(flame, in_folder(folder, names[i])), 0);
        page = seed_flame_render(flame, SEED_FLAME_HTML, &length);
        assert_non_null(page);
        assert_int_equal(strlen(page), length);
        assert_non_null(strstr(page, "id=\"seed-flame\""));
        assert_non_null(strstr(page, "id=\"seed-before\""));
        seed_release(page);
    }
    assert_int_equal(seed_flame_before(flame, in_folder(folder, "f.folded")),
        SEED_EINVAL);
    assert_int_equal(seed_flame_before(flame, in_folder(folder, "none")),
        SEED_ESYSTEM);
    seed_flame_free(flame);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(in_folder(folder, names[i]));
    assert_int_equal(rmdir(folder), 0); /* no drafts are left */
    assert_int_equal(failing.live, 0);
}

static void survives_without_memory(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        failing.left = i;
        errno = 0;
        assert_null(seed_flame_start(NULL));
        assert_int_equal(errno, ENOMEM);
    }
    failing.left = -1;
    assert_int_equal(failing.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_where_the_time_goes),
        cmocka_unit_test(shows_it_without_tables),
        cmocka_unit_test(checks_its_arguments),
        cmocka_unit_test(knows_formats_by_their_endings),
        cmocka_unit_test(writes_files),
        cmocka_unit_test(survives_without_memory),
    };

    return failing_install() || cmocka_run_group_tests(tests, NULL, NULL);
}
