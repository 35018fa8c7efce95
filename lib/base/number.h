/* SPDX-License-Identifier: MIT */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stddef.h>

enum { NUMBER_ROOM = 40 };

/* Writes a finite number as JSON has it, in any locale: the fewest digits that
 * read back as the same number, with a '.' or an exponent, so that it is a
 * real number to who reads it ("3.0", "0.1", "1e22"). Returns the length; no
 * NUL is written. */
size_t seed__number_write(char out[NUMBER_ROOM], double number);

/* The same from what printf's %g writes in some locale, which puts a decimal
 * point of its own, of one or more bytes, between the digits. */
size_t seed__number_tidy(char out[NUMBER_ROOM], const char *printed);

#endif
