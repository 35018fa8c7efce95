/* SPDX-License-Identifier: MIT */
/* Which lines of code add hooks while the server runs. */
#include "clinic/exam.h"

static struct growth *find(const struct desk *desk,
    const struct seed_hooked *hooked)
{
    struct growth *growth = atomic_load_explicit(&desk->growths,
        memory_order_relaxed);

    while (growth && growth->key != hooked->site)
        growth = growth->next;
    return growth;
}

static struct growth *make(struct desk *desk,
    const struct seed_hooked *hooked)
{
    struct growth *growth = seed_resize(NULL, sizeof *growth);

    if (!growth)
        return NULL;
    *growth = (struct growth){
        .next = atomic_load_explicit(&desk->growths, memory_order_relaxed),
        .key = hooked->site,
        .site = *hooked->site,
        .on = hooked->on,
    };
    if (hooked->running)
        growth->running = *hooked->running;
    atomic_store_explicit(&desk->growths, growth, memory_order_release);
    return growth;
}

/* Hooks of the setup are in every worker's list, and leak nothing. */
void seed__exam_hear(const struct seed_hooked *hooked, void *ctx)
{
    struct desk *desk = hooked->worker
        ? seed_worker_slot(hooked->worker, ctx) : NULL;
    struct growth *growth;

    if (!desk)
        return;
    growth = find(desk, hooked);
    if (!growth && !(growth = make(desk, hooked)))
        return;
    counter_set(&growth->same, hooked->same);
    counter_add(&growth->added, 1);
}

void seed__exam_forget(struct desk *desk)
{
    struct growth *growth = atomic_load(&desk->growths);

    while (growth) {
        struct growth *next = growth->next;

        seed_release(growth);
        growth = next;
    }
}
