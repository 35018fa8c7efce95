/* SPDX-License-Identifier: MIT */
/* A stack seen from outside: copied, since it may change under the eyes, and
 * read word by word. A word that points into code, right behind a call, is
 * taken for a return address. */
#include "watch/code.h"
#include "watch/stack.h"

#include <link.h>

enum { MODULES = 64, WORDS = 2048 };

struct code {
    struct {
        uintptr_t from, to;
    } parts[MODULES];
    size_t count;
};

static int add_module(struct dl_phdr_info *info, size_t size, void *ctx)
{
    struct code *code = ctx;

    (void)size;
    for (int i = 0; i < info->dlpi_phnum && code->count < MODULES; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        uintptr_t from = info->dlpi_addr + part->p_vaddr;

        if (part->p_type != PT_LOAD || !(part->p_flags & PF_X))
            continue;
        code->parts[code->count].from = from;
        code->parts[code->count++].to = from + part->p_memsz;
    }
    return 0;
}

static bool in_code(const struct code *code, uintptr_t word)
{
    for (size_t i = 0; i < code->count; i++)
        if (word >= code->parts[i].from + CODE_BEFORE
            && word < code->parts[i].to)
            return true;
    return false;
}

static bool is_return(const struct code *code, uintptr_t word)
{
    unsigned char bytes[CODE_BEFORE];

    if (!in_code(code, word))
        return false;
    return seed__thread_peek((const void *)(word - CODE_BEFORE), bytes,
               sizeof bytes) == sizeof bytes
        && code_is_call(bytes);
}

size_t seed__stack_search_words(const uintptr_t *words, size_t count,
    void **frames, size_t room)
{
    struct code code = { .count = 0 };
    size_t found = 0;

    dl_iterate_phdr(add_module, &code);
    for (size_t i = 0; i < count && found < room; i++)
        if (is_return(&code, words[i]))
            frames[found++] = (void *)(words[i] - 1);
    return found;
}

size_t seed__stack_search(const struct thread *thread,
    const struct thread_call *call, void *frames[STACK_FRAMES])
{
    uintptr_t words[WORDS];
    size_t length = sizeof words;

    if (!call->place || call->stack < thread->low
        || call->stack >= thread->high)
        return 0;

    if (length > thread->high - call->stack)
        length = thread->high - call->stack;
    length = seed__thread_peek((const void *)call->stack, words, length);

    frames[0] = (void *)call->place;
    return 1 + seed__stack_search_words(words, length / sizeof *words,
        frames + 1, STACK_FRAMES - 1);
}
