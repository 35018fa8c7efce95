/* SPDX-License-Identifier: MIT */
#include "clinic/category.h"

#include <string.h>

const char *const seed__category_names[CATEGORIES] = {
    [CATEGORY_APP] = "app",
    [CATEGORY_LIBSEED] = "libseed",
    [CATEGORY_LIBEVENT] = "libevent",
    [CATEGORY_OPENSSL] = "openssl",
    [CATEGORY_JANSSON] = "jansson",
    [CATEGORY_LIBC] = "libc",
    [CATEGORY_KERNEL] = "kernel",
    [CATEGORY_OTHER] = "other",
    [CATEGORY_SPAN] = "span",
};

/* A name is followed by a dot, a hyphen or an underscore: "libc.so.6",
 * "libevent_core-2.1.so.7", "ld-linux-x86-64.so.2". */
static bool begins(const char *module, const char *name)
{
    size_t length = strlen(name);

    return !strncmp(module, name, length)
        && (!module[length] || strchr(".-_", module[length]));
}

enum category seed__category_of(const char *module)
{
    static const struct {
        const char *name;
        enum category category;
    } known[] = {
        { "libseed", CATEGORY_LIBSEED },
        { "libevent", CATEGORY_LIBEVENT },
        { "libcrypto", CATEGORY_OPENSSL },
        { "libssl", CATEGORY_OPENSSL },
        { "libjansson", CATEGORY_JANSSON },
        { "libc", CATEGORY_LIBC },
        { "ld-linux", CATEGORY_LIBC },
        { "ld-musl", CATEGORY_LIBC },
        { "ld64", CATEGORY_LIBC },
        { "ld", CATEGORY_LIBC },
        { "libm", CATEGORY_LIBC },
        { "libmvec", CATEGORY_LIBC },
        { "libpthread", CATEGORY_LIBC },
        { "librt", CATEGORY_LIBC },
        { "libdl", CATEGORY_LIBC },
        { "linux-vdso", CATEGORY_LIBC },
        { "linux-gate", CATEGORY_LIBC },
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (begins(module, known[i].name))
            return known[i].category;
    return CATEGORY_OTHER;
}

/* As far as the tables of symbols tell: what these call inside of the C
 * library has often no name, and goes with them (reading.c). */
bool seed__category_allocates(const char *function)
{
    static const char *const names[] = { "malloc", "calloc", "realloc", "free",
        "cfree", "reallocarray", "memalign", "aligned_alloc",
        "posix_memalign", "valloc", "pvalloc", "malloc_usable_size",
        "malloc_trim", "_int_malloc", "_int_free", "_int_realloc",
        "_int_memalign", "malloc_consolidate", "unlink_chunk", "sysmalloc",
        "systrim", "tcache_init", "_int_free_merge_chunk", "realloc_check",
        "__libc_malloc", "__libc_calloc", "__libc_realloc", "__libc_free",
        "__libc_memalign" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(function, names[i]))
            return true;
    return false;
}

bool seed__category_is_seed(const char *function, const char *file,
    const char *own)
{
    static const char here[] = "clinic/reading.c";
    size_t length = own ? strlen(own) : 0;

    if (!strncmp(function, "seed_", strlen("seed_")))
        return true;
    if (!file || length < sizeof here - 1
        || strcmp(own + length - (sizeof here - 1), here) != 0)
        return false;
    return !strncmp(file, own, length - (sizeof here - 1));
}

bool seed__category_is_clone(const char *symbol)
{
    static const char *const marks[] = { ".part.", ".isra.", ".constprop.",
        ".cold", ".clone." };

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strstr(symbol, marks[i]))
            return true;
    return false;
}
