/* SPDX-License-Identifier: MIT */
/* libbacktrace, or what stands for it where it is not. */
#ifndef CLINIC_LINES_LIBRARY_H
#define CLINIC_LINES_LIBRARY_H

#ifdef SEED_BACKTRACE
#include SEED_BACKTRACE /* the path of <backtrace.h> in gcc's folder */
#else
#include <stddef.h>
#include <stdint.h>

struct backtrace_state;
typedef void backtrace_error_callback(void *ctx, const char *what, int number);
typedef int backtrace_full_callback(void *ctx, uintptr_t address,
    const char *file, int line, const char *function);
typedef void backtrace_syminfo_callback(void *ctx, uintptr_t address,
    const char *symbol, uintptr_t start, uintptr_t size);

static inline struct backtrace_state *backtrace_create_state(const char *file,
    int threaded, backtrace_error_callback *error, void *ctx)
{
    (void)file;
    (void)threaded;
    (void)error;
    (void)ctx;
    return NULL;
}

static inline int backtrace_pcinfo(struct backtrace_state *state,
    uintptr_t address, backtrace_full_callback *each,
    backtrace_error_callback *error, void *ctx)
{
    (void)state;
    (void)address;
    (void)each;
    (void)error;
    (void)ctx;
    return 0;
}

static inline int backtrace_syminfo(struct backtrace_state *state,
    uintptr_t address, backtrace_syminfo_callback *each,
    backtrace_error_callback *error, void *ctx)
{
    (void)state;
    (void)address;
    (void)each;
    (void)error;
    (void)ctx;
    return 0;
}
#endif

#endif
