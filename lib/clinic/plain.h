/* SPDX-License-Identifier: MIT */
/* Numbers in sentences as C spells them, "1.5" and never "1,5", whatever the
 * application has told setlocale(). In this thread only. */
#ifndef CLINIC_PLAIN_H
#define CLINIC_PLAIN_H

#include <locale.h>

/* Until seed__plain_end() is given what it returns. */
locale_t seed__plain_begin(void);
void seed__plain_end(locale_t before);

#endif
