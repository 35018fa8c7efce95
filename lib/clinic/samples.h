/* SPDX-License-Identifier: MIT */
/* What a flame graph tells the doctor. */
#ifndef CLINIC_SAMPLES_H
#define CLINIC_SAMPLES_H

#include "clinic/facts.h"

/* Adds to facts whose spans are known what a tree has: categories, the hottest
 * functions, and which libraries each span has its time in. Without memory
 * there is less of it. */
void seed__samples_read(const struct tree *tree, struct facts *facts);

#endif
