/* SPDX-License-Identifier: MIT */
/* Writes JSON that may stand in a script element of a page: "</" is "<\/". */
#ifndef CLINIC_JOT_H
#define CLINIC_JOT_H

#include "watch/text.h"

struct jot {
    struct text text;
    bool comma; /* something of this level stands already */
};

/* Each takes a key, or NULL in an array. */
void seed__jot_open(struct jot *jot, const char *key, char bracket);
void seed__jot_close(struct jot *jot, char bracket);
void seed__jot_string(struct jot *jot, const char *key, const char *value);
void seed__jot_bool(struct jot *jot, const char *key, bool value);

/* With so many decimals at most, 0 to 6; what is no number is null. */
void seed__jot_number(struct jot *jot, const char *key, double value,
    int decimals);

#endif
