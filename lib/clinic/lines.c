/* SPDX-License-Identifier: MIT */
/* A state of libbacktrace knows the libraries that were loaded when it was
 * made, and is never given back. When others were loaded since then a new one
 * is made, but not for ever: a program that loads plugins again and again goes
 * without lines in the end. */
#include "clinic/lines.h"
#include "clinic/lines_library.h"

#include <link.h>
#include <pthread.h>

enum { STATES = 8 };

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static struct backtrace_state *state;
static unsigned made;
static unsigned long long loaded;

static void on_error(void *ctx, const char *what, int number)
{
    (void)ctx;
    (void)what;
    (void)number;
}

static int on_line(void *ctx, uintptr_t address, const char *file, int line,
    const char *function)
{
    struct lines *lines = ctx;

    (void)address;
    if (!file && !function)
        return 0;
    lines->all[lines->count++] = (struct line){ function, file, line };
    return lines->count == LINES_MOST;
}

static void on_symbol(void *ctx, uintptr_t address, const char *symbol,
    uintptr_t start, uintptr_t size)
{
    struct lines *lines = ctx;

    (void)address;
    (void)size;
    if (!symbol)
        return;
    lines->symbol = symbol;
    lines->start = start;
}

static int count_loaded(struct dl_phdr_info *info, size_t size, void *ctx)
{
    unsigned long long *adds = ctx;

    (void)size;
    *adds = info->dlpi_adds;
    return 1;
}

static void make_state(void)
{
    unsigned long long now = 0;

    dl_iterate_phdr(count_loaded, &now);
    if (made == STATES || (made && now == loaded))
        return;
    loaded = now;
    made++;
    state = backtrace_create_state(NULL, 1, on_error, NULL);
}

void seed__lines_find(struct lines *lines, uintptr_t address)
{
    *lines = (struct lines){ .count = 0 };
    pthread_mutex_lock(&gate);
    make_state();
    if (state) {
        backtrace_pcinfo(state, address, on_line, on_error, lines);
        backtrace_syminfo(state, address, on_symbol, on_error, lines);
    }
    pthread_mutex_unlock(&gate);
}
