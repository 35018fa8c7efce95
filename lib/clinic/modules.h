/* SPDX-License-Identifier: MIT */
/* The program and the libraries that it has loaded, now and before: where a
 * sampled address belongs to, though the library may be gone when its name is
 * asked for, and another one be in its place. */
#ifndef CLINIC_MODULES_H
#define CLINIC_MODULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct module {
    uintptr_t base;       /* what is added to the file's own addresses      */
    uintptr_t from, to;   /* its code                                       */
    uint64_t offset;      /* of the code in the file                        */
    bool program;         /* the executable                                 */
    _Atomic bool loaded;
    unsigned char id[32]; /* of the build                                   */
    size_t id_length;
    const char *name;     /* "libc.so.6"                                    */
    char path[];
};

/* A place in a module: its number in the upper 16 bits, below them how far
 * from its base; number 0 is no module's, and the rest the address itself. */
typedef uint64_t place;

/* Looks at what is loaded. One thread at a time; it takes the loader's lock for
 * a moment, and memory. */
void seed__modules_look(void);

/* Of an address, as of the last look. Likewise. */
place seed__modules_place(uintptr_t address);

/* The module of a place, or NULL. Any thread. */
const struct module *seed__modules_of(place at);

/* The number of its module, or 0. */
unsigned seed__modules_number(place at);

/* The address that a place has now, or had. */
uintptr_t seed__modules_address(place at);

/* Module number, 1 and on, until NULL. Any thread. */
const struct module *seed__modules_get(unsigned number);

/* Forgets all of them. Nobody may look at places of before any more. */
void seed__modules_clear(void);

#endif
