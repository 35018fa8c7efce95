/* SPDX-License-Identifier: MIT */
/* The functions, files and lines of addresses, by libbacktrace, which comes
 * with gcc. Without it (the Makefile looks) nothing is found here. */
#ifndef CLINIC_LINES_H
#define CLINIC_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINES_MOST = 16 };

/* One of the functions at an address. Strings live as long as the process. */
struct line {
    const char *function; /* NULL: not known */
    const char *file;     /* NULL: not known */
    int number;           /* 0: not known    */
};

/* What is at an address of code that is loaded. */
struct lines {
    struct line all[LINES_MOST]; /* the innermost inlined one first */
    size_t count;        /* 0: nothing is known                        */
    const char *symbol;  /* of the function: "name.part.0"; or NULL    */
    uintptr_t start;     /* of the function, or 0                      */
};

/* Reads files, the first time those of all libraries: not on a loop. Any
 * thread, one at a time goes on. */
void seed__lines_find(struct lines *lines, uintptr_t address);

#endif
