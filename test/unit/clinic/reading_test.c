/* SPDX-License-Identifier: MIT */
#include "clinic/reading.h"

#include "unit/clinic/made.h"
#include "unit/failing.h"

#include <seed/error.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Without libbacktrace there are names, but neither files nor lines. */
#ifdef SEED_BACKTRACE
#define HAS_LINES true
#else
#define HAS_LINES false
#endif

static const struct spot *spot_of(const struct reading *reading,
    const char *name)
{
    for (size_t i = 0; i < reading->stacks.place_count; i++) {
        const struct spot *spot = reading->of[i];

        if (!strcmp(spot->frames[spot->count - 1]->frame.name, name))
            return spot;
    }
    return NULL;
}

static void names_places(void **state)
{
    const struct spot *hook, *loop, *nowhere;
    struct reading reading;
    seed_flame flame;

    (void)state;
    made_fill(&flame);
    assert_int_equal(seed__reading_make(&reading, &flame), 0);
    hook = spot_of(&reading, "made_hook");
    assert_non_null(hook);
    assert_int_equal(hook->count, 1);
    if (HAS_LINES)
        assert_non_null(strstr(hook->frames[0]->frame.file, "made.h"));
    assert_int_equal(HAS_LINES, hook->frames[0]->frame.line > 0);
    assert_int_equal(hook->frames[0]->frame.category, CATEGORY_APP);
    assert_string_equal(hook->frames[0]->frame.module, "reading_test");
    assert_int_equal(hook->weight, 600000);

    loop = spot_of(&reading, "event_base_loop");
    assert_non_null(loop);
    assert_true(loop->loops);
    assert_false(hook->loops);
    assert_int_equal(loop->frames[loop->count - 1]->frame.category,
        CATEGORY_LIBEVENT);

    nowhere = spot_of(&reading, "0x10");
    assert_non_null(nowhere);
    assert_int_equal(nowhere->frames[0]->frame.category, CATEGORY_OTHER);
    assert_string_equal(nowhere->frames[0]->frame.module, "");
    seed__reading_clear(&reading);
    made_clear(&flame);
    assert_int_equal(failing.live, 0);
}

/* Of libseed in a program, static functions too. */
static void knows_libseed(void **state)
{
    static struct sample sample;
    struct reading reading;
    seed_flame flame;
    void *frames[] = { (void *)seed__reading_make, (void *)made_hook,
        dlsym(RTLD_DEFAULT, "malloc") };

    (void)state;
    sample = (struct sample){ .weight = 1, .copy = -1 };
    flame = (seed_flame){ .title = "t" };
    seed__modules_look();
    made_add(&flame, &sample, frames, 3);
    assert_int_equal(seed__reading_make(&reading, &flame), 0);
    assert_int_equal(reading.of[0]->frames[0]->frame.category,
        CATEGORY_LIBSEED);
    assert_string_equal(reading.of[0]->frames[reading.of[0]->count - 1]
            ->frame.name, "seed__reading_make");
    assert_int_equal(reading.of[1]->frames[0]->frame.category, CATEGORY_APP);
    seed__reading_clear(&reading);
    made_clear(&flame);
}

/* A plugin that is gone is named by its file. */
static void names_what_was_unloaded(void **state)
{
    static struct sample sample;
    void *library = dlopen("libresolv.so.2", RTLD_NOW | RTLD_LOCAL);
    struct reading reading;
    seed_flame flame = { .title = "t" };
    void *frame;
    place at;

    (void)state;
    assert_non_null(library);
    frame = dlsym(library, "__p_class");
    assert_non_null(frame);
    sample = (struct sample){ .weight = 1, .copy = -1 };
    seed__modules_look();
    made_add(&flame, &sample, &frame, 1);
    at = flame.recorded.stacks.places[0];
    dlclose(library);
    seed__modules_look();
    assert_int_equal(seed__modules_of(at)->loaded,
        dlopen("libresolv.so.2", RTLD_NOW | RTLD_NOLOAD) != NULL);
    assert_int_equal(seed__reading_make(&reading, &flame), 0);
    assert_string_equal(reading.of[0]->frames[0]->frame.name, "__p_class");
    assert_string_equal(reading.of[0]->frames[0]->frame.module,
        "libresolv.so.2");
    seed__reading_clear(&reading);
    made_clear(&flame);
}

static void spells_spans(void **state)
{
    struct sample_span span = { .kind = "after", .function = "etag",
        .file = "src/slow.c", .line = 22, .method = "GET", .pattern = "/a" };
    char out[100], small[8];

    (void)state;
    assert_string_equal(seed__reading_route(&span, out, sizeof out), "GET /a");
    assert_string_equal(seed__reading_site(&span, out, sizeof out),
        "after: etag (slow.c:22)");
    assert_string_equal(seed__reading_site(&span, small, sizeof small),
        "after: ");
    span.method[0] = span.pattern[0] = '\0';
    assert_string_equal(seed__reading_route(&span, out, sizeof out), "");
}

static void survives_without_memory(void **state)
{
    struct reading reading;
    seed_flame flame;
    long live;
    int i = 0;

    (void)state;
    made_fill(&flame);
    live = failing.live;
    for (;; i++) {
        failing.left = i;
        if (!seed__reading_make(&reading, &flame))
            break;
        failing.left = -1;
        assert_int_equal(failing.live, live);
    }
    failing.left = -1;
    assert_true(i >= 4);
    seed__reading_clear(&reading);
    made_clear(&flame);
    assert_int_equal(failing.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_places),
        cmocka_unit_test(knows_libseed),
        cmocka_unit_test(names_what_was_unloaded),
        cmocka_unit_test(spells_spans),
        cmocka_unit_test(survives_without_memory),
    };

    return failing_install() || cmocka_run_group_tests(tests, NULL, NULL);
}
