/* SPDX-License-Identifier: MIT */
/* The handler does what a handler may: no memory, no lock, no text. Other
 * signals wait meanwhile, but for those of a fault, so that nobody's handler
 * jumps out of this one and leaves its slot behind. */
#include "clinic/handler.h"
#include "clinic/registers.h"
#include "clinic/ring.h"

#include "watch/stack.h"
#include "watch/thread.h"

#include <seed.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int number; /* of the signal; 0: none yet */
static _Atomic bool active, searching;
static _Atomic uint64_t spent;

static uint64_t computed(void)
{
    struct timespec time = { 0, 0 };

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void copy_text(char *to, size_t room, const char *from)
{
    size_t i = 0;

    for (; from && from[i] && i < room - 1; i++)
        to[i] = from[i];
    to[i] = '\0';
}

#define COPY(to, from) copy_text((to), sizeof(to), (from))

static void take_span(struct sample_span *span)
{
    const seed_site *site = seed_current_site();
    const seed_req *req = site ? seed_current_req() : NULL;
    const seed_route *route = req ? seed_req_route(req) : NULL;

    /* A hook outside of any request may belong to a route all the same. */
    if (!route && site)
        route = site->route;
    COPY(span->kind, site ? site->kind : NULL);
    COPY(span->function, site ? site->function : NULL);
    COPY(span->file, site ? site->file : NULL);
    COPY(span->method, route ? seed_route_method(route) : NULL);
    COPY(span->pattern, route ? seed_route_pattern(route) : NULL);
    span->line = site ? site->line : 0;
}

static void unwind(struct sample *sample)
{
    struct walk walk = { .frames = sample->frames, .room = SAMPLE_FRAMES };

    seed__stack_walk(&walk);
    sample->count = (unsigned)walk.count;
    sample->truncated = walk.truncated;
}

/* The kernel copies, since the stack may end before the copy does. */
static void copy_stack(struct sample *sample, const void *context)
{
    struct registers registers = registers_of(context);
    unsigned char *to = registers.place ? seed__ring_copy(sample) : NULL;

    sample->count = 0;
    sample->truncated = false;
    sample->frames[0] = (void *)registers.place;
    sample->frames[1] = (void *)registers.link;
    if (to)
        sample->count = (unsigned)seed__thread_peek(
            (const void *)registers.stack, to, SAMPLE_COPY);
}

static void take(const siginfo_t *info, const void *context)
{
    uint64_t began = computed();
    struct sample *sample = seed__ring_take();

    if (!sample)
        return;

    sample->when = seed_now();
    sample->tid = (long)gettid();
    sample->weight = (uint64_t)(uintptr_t)info->si_value.sival_ptr
        * (1 + (uint64_t)(info->si_overrun > 0 ? info->si_overrun : 0));
    take_span(&sample->span);
    if (atomic_load_explicit(&searching, memory_order_relaxed))
        copy_stack(sample, context);
    else
        unwind(sample);
    seed__ring_give(sample);
    atomic_fetch_add(&spent, computed() - began);
}

static void on_signal(int which, siginfo_t *info, void *context)
{
    int error = errno;

    (void)which;
    if (info->si_code == SI_TIMER && atomic_load(&active))
        take(info, context);
    errno = error;
}

static int find_signal(void)
{
    struct sigaction used;

    if (!sigaction(SIGPROF, NULL, &used) && !(used.sa_flags & SA_SIGINFO)
        && used.sa_handler == SIG_DFL)
        return SIGPROF;
    return seed__stack_find_signal();
}

/* Everything that the handler calls is called once before, so that nothing is
 * loaded or made in it. */
static void warm_up(void)
{
    static struct sample warm;
    char bytes[8];

    take_span(&warm.span);
    unwind(&warm);
    seed__thread_peek(&warm, bytes, sizeof bytes);
    computed();
}

int seed__handler_install(void)
{
    static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP,
        SIGABRT };
    struct sigaction act = { .sa_sigaction = on_signal,
        .sa_flags = SA_SIGINFO | SA_RESTART };
    int found = number ? number : find_signal();

    if (!found || !seed__ring_open() || number)
        return number;

    warm_up();
    sigfillset(&act.sa_mask);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        sigdelset(&act.sa_mask, faults[i]);
    if (!sigaction(found, &act, NULL))
        number = found;
    return number;
}

void seed__handler_turn(bool on)
{
    atomic_store(&active, on);
}

void seed__handler_search(bool search)
{
    atomic_store(&searching, search);
}

uint64_t seed__handler_spent(void)
{
    return atomic_load(&spent);
}
