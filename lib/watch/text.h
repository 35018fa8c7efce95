/* SPDX-License-Identifier: MIT */
/* A text that grows: for pages and metrics. Without memory it fails as a
 * whole, and no call needs a check. */
#ifndef WATCH_TEXT_H
#define WATCH_TEXT_H

#include <seed/types.h>

struct text {
    char *bytes; /* seed_release(), unless seed__text_take() took it */
    size_t length, room;
    bool failed;
};

void seed__text_add(struct text *text, const char *string);
void seed__text_printf(struct text *text, const char *format, ...)
    SEED_PRINTF(2, 3);

/* The string with what HTML gives a meaning to escaped. */
void seed__text_html(struct text *text, const char *string);

/* A number as C prints it, in any locale; "+Inf", "-Inf" and "NaN". */
void seed__text_number(struct text *text, double number);

/* The bytes, with a NUL behind them, owned by the caller, or NULL when the
 * text failed; the text is empty again. `length` may be NULL. */
char *seed__text_take(struct text *text, size_t *length);

#endif
