/* SPDX-License-Identifier: MIT */
/* A recording made by hand, of addresses in this program and its libraries:
 *
 *     made_main > event_base_loop > made_hook   a span of a route, 600 us
 *     made_main > event_base_loop               300 us
 *     made_main > made_start                    before the loop, 100 us
 *     0x10                                      of no module, 50 us      */
#ifndef UNIT_CLINIC_MADE_H
#define UNIT_CLINIC_MADE_H

#include "clinic/flame.h"

#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

enum { MADE_USEC = 1050 };

__attribute__((noinline, used)) static void made_hook(void)
{
    __asm__ volatile("nop");
}

__attribute__((noinline, used)) static void made_start(void)
{
    __asm__ volatile("nop; nop");
}

__attribute__((noinline, used)) static void made_main(void)
{
    __asm__ volatile("nop; nop; nop");
}

static void made_add(seed_flame *flame, struct sample *sample,
    void *const *frames, size_t count)
{
    place places[SAMPLE_FRAMES];

    for (size_t i = 0; i < count; i++)
        places[i] = seed__modules_place((uintptr_t)frames[i] + 1);
    if (seed__stacks_add(&flame->recorded.stacks, sample, places, count)) {
        flame->recorded.counts.samples++;
        flame->recorded.counts.nanoseconds += sample->weight;
        flame->recorded.counts.complete++;
    }
}

static void made_fill(seed_flame *flame)
{
    static struct sample sample;
    void *loop = dlsym(RTLD_DEFAULT, "event_base_loop");
    void *hooked[] = { (void *)made_hook, loop, (void *)made_main };
    void *start[] = { (void *)made_start, (void *)made_main };
    void *nowhere[] = { (void *)0xf };

    *flame = (seed_flame){ .title = "a \"title\"</script>",
        .recorded = { .hertz = 99, .began = 1000, .ended = 2001000,
            .running = false } };
    sample = (struct sample){ .when = 2000, .tid = getpid(), .copy = -1,
        .weight = 100000 };
    seed__modules_look();
    made_add(flame, &sample, start, 2);
    sample.when = 3000;
    sample.weight = 300000;
    made_add(flame, &sample, hooked + 1, 2);
    sample.weight = 50000;
    made_add(flame, &sample, nowhere, 1);
    sample.span = (struct sample_span){ .kind = "after", .function = "hook",
        .file = "dir/slow.c", .method = "GET", .pattern = "/seed;/:id",
        .line = 22 };
    sample.weight = 600000;
    made_add(flame, &sample, hooked, 3);
}

static void made_clear(seed_flame *flame)
{
    seed__stacks_clear(&flame->recorded.stacks);
    seed__modules_clear();
}

#endif
