/* SPDX-License-Identifier: MIT */
/* Where a thread was when a signal interrupted it. */
#ifndef CLINIC_REGISTERS_H
#define CLINIC_REGISTERS_H

#include <stdint.h>
#include <ucontext.h>

struct registers {
    uintptr_t place, stack; /* program counter, stack pointer; 0: unknown */
    uintptr_t link;         /* where a leaf function returns to, or 0     */
};

static inline struct registers registers_of(const void *context)
{
    const ucontext_t *at = context;
    struct registers registers = { 0, 0, 0 };

#if defined(__x86_64__)
    registers.place = (uintptr_t)at->uc_mcontext.gregs[REG_RIP];
    registers.stack = (uintptr_t)at->uc_mcontext.gregs[REG_RSP];
#elif defined(__i386__)
    registers.place = (uintptr_t)at->uc_mcontext.gregs[REG_EIP];
    registers.stack = (uintptr_t)at->uc_mcontext.gregs[REG_ESP];
#elif defined(__aarch64__)
    registers.place = (uintptr_t)at->uc_mcontext.pc;
    registers.stack = (uintptr_t)at->uc_mcontext.sp;
    registers.link = (uintptr_t)at->uc_mcontext.regs[30];
#else
    (void)at;
#endif
    return registers;
}

#endif
