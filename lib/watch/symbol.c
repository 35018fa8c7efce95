/* SPDX-License-Identifier: MIT */
/* The loader knows the names that are exported. Handlers are static more often
 * than not; theirs are in the file's table of symbols, which is read anew for
 * each name that was not asked for lately: the file may be large. */
#include "watch/symbol.h"

#include "watch/names.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct file {
    const char *bytes;
    size_t size;
};

static bool map_file(struct file *file, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat stat;
    void *bytes = MAP_FAILED;

    if (fd < 0)
        return false;
    if (!fstat(fd, &stat) && stat.st_size > 0)
        bytes = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, fd,
            0);
    close(fd);
    if (bytes == MAP_FAILED)
        return false;

    file->bytes = bytes;
    file->size = (size_t)stat.st_size;
    return true;
}

/* Part of the file, or NULL when it is not that long. */
static const void *part(const struct file *file, uint64_t at, uint64_t size)
{
    if (at > file->size || size > file->size - at)
        return NULL;
    return file->bytes + at;
}

static const ElfW(Shdr) *sections(const struct file *file, unsigned *count)
{
    const ElfW(Ehdr) *head = part(file, 0, sizeof *head);

    if (!head || memcmp(head->e_ident, ELFMAG, SELFMAG)
        || head->e_shentsize != sizeof(ElfW(Shdr)))
        return NULL;
    *count = head->e_shnum;
    return part(file, head->e_shoff,
        (uint64_t)head->e_shnum * sizeof(ElfW(Shdr)));
}

/* Where the file says the address is: one that is not position-independent
 * says where it is, and not how far from its beginning. */
static uintptr_t address_in(const struct file *file, uintptr_t address,
    uintptr_t base)
{
    const ElfW(Ehdr) *head = part(file, 0, sizeof *head);

    return head && head->e_type == ET_EXEC ? address : address - base;
}

static bool holds(const ElfW(Sym) *symbol, uintptr_t address)
{
    return (symbol->st_info & 0xf) == STT_FUNC && symbol->st_shndx != SHN_UNDEF
        && address >= symbol->st_value
        && address - symbol->st_value < symbol->st_size;
}

static bool find_in(const struct file *file, const ElfW(Shdr) *all,
    const ElfW(Shdr) *table, uintptr_t address, struct file *name)
{
    const ElfW(Shdr) *strings = &all[table->sh_link];
    const ElfW(Sym) *symbols = part(file, table->sh_offset, table->sh_size);
    const char *text = part(file, strings->sh_offset, strings->sh_size);

    if (!symbols || !text)
        return false;
    for (size_t i = 0; i < table->sh_size / sizeof *symbols; i++) {
        if (!holds(&symbols[i], address)
            || symbols[i].st_name >= strings->sh_size)
            continue;
        name->bytes = text + symbols[i].st_name;
        name->size = strings->sh_size - symbols[i].st_name;
        return true;
    }
    return false;
}

/* The compiler's copies, "name.part.0", "name.isra.0", go by one name. */
static void cut_copy(char *name)
{
    char *dot = *name ? strchr(name + 1, '.') : NULL;

    if (dot)
        *dot = '\0';
}

static bool find_name(const struct file *file, uintptr_t address, char *out,
    size_t room)
{
    unsigned count = 0;
    const ElfW(Shdr) *all = sections(file, &count);
    struct file name;

    for (unsigned i = 0; all && i < count; i++) {
        if ((all[i].sh_type != SHT_SYMTAB && all[i].sh_type != SHT_DYNSYM)
            || all[i].sh_link >= count)
            continue;
        if (!find_in(file, all, &all[i], address, &name))
            continue;
        snprintf(out, room, "%.*s", (int)strnlen(name.bytes, name.size),
            name.bytes);
        cut_copy(out);
        return true;
    }
    return false;
}

bool seed__symbol_in(const char *path, uintptr_t at, char *out, size_t room)
{
    struct file file;
    bool found;

    if (!map_file(&file, path))
        return false;
    found = find_name(&file, at, out, room);
    munmap((void *)(uintptr_t)file.bytes, file.size);
    return found;
}

static void widen(const struct file *file, const ElfW(Shdr) *table,
    const ElfW(Shdr) *strings, const char *prefix, uintptr_t range[2])
{
    const ElfW(Sym) *symbols = part(file, table->sh_offset, table->sh_size);
    const char *text = part(file, strings->sh_offset, strings->sh_size);
    size_t length = strlen(prefix);

    for (size_t i = 0; symbols && text
            && i < table->sh_size / sizeof *symbols; i++) {
        const ElfW(Sym) *one = &symbols[i];

        if ((one->st_info & 0xf) != STT_FUNC || one->st_shndx == SHN_UNDEF
            || one->st_name >= strings->sh_size
            || strings->sh_size - one->st_name <= length
            || memcmp(text + one->st_name, prefix, length) != 0)
            continue;
        if (!range[1] || one->st_value < range[0])
            range[0] = one->st_value;
        if (one->st_value + one->st_size > range[1])
            range[1] = one->st_value + one->st_size;
    }
}

bool seed__symbol_range(const char *path, const char *prefix, uintptr_t *from,
    uintptr_t *to)
{
    uintptr_t range[2] = { 0, 0 };
    unsigned count = 0;
    const ElfW(Shdr) *all;
    struct file file;

    if (!map_file(&file, path))
        return false;
    all = sections(&file, &count);
    for (unsigned i = 0; all && i < count; i++)
        if (all[i].sh_type == SHT_SYMTAB && all[i].sh_link < count)
            widen(&file, &all[i], &all[all[i].sh_link], prefix, range);
    munmap((void *)(uintptr_t)file.bytes, file.size);
    *from = range[0];
    *to = range[1];
    return range[1] > 0;
}

/* The program itself may have been started by a path that is not one here. */
static const char *path_of(const Dl_info *info)
{
    Dl_info program;

    if (dladdr((void *)getauxval(AT_PHDR), &program)
        && program.dli_fbase == info->dli_fbase)
        return "/proc/self/exe";
    return info->dli_fname;
}

char *seed__symbol_name(const void *address, char *out, size_t room)
{
    uintptr_t at = (uintptr_t)address, base;
    struct named what;
    const char *slash;
    struct file file;
    Dl_info info;
    bool found = false;

    if (!dladdr(address, &info)) {
        snprintf(out, room, "%p", address);
        return out;
    }
    if (info.dli_sname) {
        snprintf(out, room, "%s", info.dli_sname);
        return out;
    }

    what = (struct named){ address, info.dli_fbase, info.dli_fname };
    if (seed__names_find(&what, out, room))
        return out;

    base = (uintptr_t)info.dli_fbase;
    if (map_file(&file, path_of(&info))) {
        found = find_name(&file, address_in(&file, at, base), out, room);
        munmap((void *)(uintptr_t)file.bytes, file.size);
    }
    slash = strrchr(info.dli_fname, '/');
    if (!found)
        snprintf(out, room, "%s+%#lx", slash ? slash + 1 : info.dli_fname,
            (unsigned long)(at - base));
    if (strlen(out) + 1 < room)
        seed__names_keep(&what, out);
    return out;
}
