/* SPDX-License-Identifier: MIT */
/* Whose code a function is. */
#ifndef CLINIC_CATEGORY_H
#define CLINIC_CATEGORY_H

#include "clinic/tree.h"

/* Of a library, by the name of its file; CATEGORY_OTHER for those that nobody
 * knows here. */
enum category seed__category_of(const char *module);

/* Whether the function is one of those that give and take memory. */
bool seed__category_allocates(const char *function);

/* Whether the program's function is libseed's, linked into it: by the file
 * that the debugging information names, beside a file of libseed's own; else
 * by its name.
 *
 * own  the path of lib/clinic/reading.c as that information has it, or NULL */
bool seed__category_is_seed(const char *function, const char *file,
    const char *own);

/* Whether the compiler split it off from a function, or made it of one:
 * "name.part.0". */
bool seed__category_is_clone(const char *symbol);

#endif
