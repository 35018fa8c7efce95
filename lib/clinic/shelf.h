/* SPDX-License-Identifier: MIT */
/* Memory that goes all at once: for what is read of a recording. */
#ifndef CLINIC_SHELF_H
#define CLINIC_SHELF_H

#include <stddef.h>

struct shelf {
    struct shelf_block *block;
};

/* Zeroed, for anything; NULL without memory. */
void *seed__shelf_take(struct shelf *shelf, size_t size);
void seed__shelf_clear(struct shelf *shelf);

#endif
