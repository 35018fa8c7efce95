/* SPDX-License-Identifier: MIT */
/* A module that was once seen keeps its number: when it is loaded again at the
 * same place it is the same. Entries are never changed, but for `loaded`. */
#include "clinic/modules.h"

#include <seed/server.h>

#include <elf.h>
#include <link.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum { MODULES = 4096, SHIFT = 48 };

static struct module *_Atomic all[MODULES]; /* 0 stays empty */
static unsigned count = 1;
static unsigned long long adds, subs;

static const uint64_t low = ((uint64_t)1 << SHIFT) - 1;

/* Its note says which build it is; "GNU" is the name of those who wrote it. */
static void read_notes(struct module *module, const char *at, size_t size)
{
    while (size >= sizeof(ElfW(Nhdr))) {
        const ElfW(Nhdr) *note = (const void *)at;
        size_t name = (note->n_namesz + 3u) & ~3u;
        size_t bytes = (note->n_descsz + 3u) & ~3u;

        if (name > size || bytes > size || sizeof *note + name + bytes > size)
            return;
        if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4
            && note->n_descsz <= sizeof module->id) {
            module->id_length = note->n_descsz;
            memcpy(module->id, at + sizeof *note + name, note->n_descsz);
            return;
        }
        at += sizeof *note + name + bytes;
        size -= sizeof *note + name + bytes;
    }
}

static void read_headers(struct module *module, const struct dl_phdr_info *info)
{
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        uintptr_t from = info->dlpi_addr + part->p_vaddr;

        if (part->p_type == PT_NOTE && !module->id_length)
            read_notes(module, (const char *)from, part->p_memsz);
        if (part->p_type != PT_LOAD || !(part->p_flags & PF_X))
            continue;
        if (!module->to) {
            module->from = from;
            module->offset = part->p_offset;
        }
        module->to = from + part->p_memsz;
    }
}

static bool same(const struct module *module, const struct dl_phdr_info *info,
    const char *path)
{
    return module->base == info->dlpi_addr && !strcmp(module->path, path);
}

static struct module *add(const struct dl_phdr_info *info, const char *path,
    bool program)
{
    size_t size = strlen(path) + 1;
    struct module *module = count < MODULES
        ? seed_resize(NULL, sizeof *module + size) : NULL;
    const char *slash;

    if (!module)
        return NULL;
    memset(module, 0, sizeof *module);
    memcpy(module->path, path, size);
    slash = strrchr(module->path, '/');
    module->name = slash ? slash + 1 : module->path;
    module->base = info->dlpi_addr;
    module->program = program;
    read_headers(module, info);
    atomic_store(&all[count++], module);
    return module;
}

/* The loader tells of the program first, and does not say its name. */
static const char *path_of(const struct dl_phdr_info *info, bool first,
    char *room, size_t size)
{
    ssize_t length = first ? readlink("/proc/self/exe", room, size - 1) : -1;

    if (!first)
        return info->dlpi_name ? info->dlpi_name : "";
    if (length < 0)
        return "program";
    room[length] = '\0';
    return room;
}

static int see(struct dl_phdr_info *info, size_t size, void *ctx)
{
    bool *first = ctx;
    char room[4096];
    const char *path = path_of(info, *first, room, sizeof room);
    struct module *module = NULL;

    (void)size;
    for (unsigned i = 1; i < count && !module; i++)
        if (same(all[i], info, path))
            module = all[i];
    if (!module)
        module = add(info, path, *first);
    if (module)
        atomic_store(&module->loaded, true);
    *first = false;
    return 0;
}

/* Something was loaded or unloaded since the last look. */
static int has_changed(struct dl_phdr_info *info, size_t size, void *ctx)
{
    bool *changed = ctx;

    if (size >= offsetof(struct dl_phdr_info, dlpi_subs)
            + sizeof info->dlpi_subs) {
        *changed = adds != info->dlpi_adds || subs != info->dlpi_subs;
        adds = info->dlpi_adds;
        subs = info->dlpi_subs;
    }
    return 1;
}

void seed__modules_look(void)
{
    bool changed = true, first = true;

    dl_iterate_phdr(has_changed, &changed);
    if (!changed)
        return;
    for (unsigned i = 1; i < count; i++)
        atomic_store(&all[i]->loaded, false);
    dl_iterate_phdr(see, &first);
}

/* What is loaded comes before what was; of that, what went last. */
place seed__modules_place(uintptr_t address)
{
    unsigned gone = 0;

    for (unsigned i = count; --i > 0;) {
        if (address < all[i]->from || address >= all[i]->to)
            continue;
        if (all[i]->loaded) {
            gone = i;
            break;
        }
        gone = gone ? gone : i;
    }
    if (!gone)
        return address & low;
    /* 64 bits have room for it: NOLINTNEXTLINE(clang-analyzer-core.Undef*) */
    return (uint64_t)gone << SHIFT | (address - all[gone]->base);
}

const struct module *seed__modules_get(unsigned number)
{
    return number > 0 && number < MODULES ? atomic_load(&all[number]) : NULL;
}

unsigned seed__modules_number(place at)
{
    return (unsigned)(at >> SHIFT);
}

const struct module *seed__modules_of(place at)
{
    return seed__modules_get(seed__modules_number(at));
}

uintptr_t seed__modules_address(place at)
{
    const struct module *module = seed__modules_of(at);

    return (uintptr_t)(at & low) + (module ? module->base : 0);
}

void seed__modules_clear(void)
{
    while (count > 1) {
        seed_release(all[--count]);
        atomic_store(&all[count], NULL);
    }
    adds = subs = 0;
}
