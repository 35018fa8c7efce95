/* SPDX-License-Identifier: MIT */
#ifndef CLINIC_QUOTE_H
#define CLINIC_QUOTE_H

#include "watch/text.h"

/* The string in quotes, for JSON inside of HTML too: "</" becomes "<\/", and
 * bytes that are no UTF-8 become U+FFFD. */
void seed__quote(struct text *text, const char *string);

#endif
