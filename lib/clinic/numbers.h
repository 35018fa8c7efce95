/* SPDX-License-Identifier: MIT */
/* The frames and strings of a tree, numbered as they come: what formats with
 * tables of them need. */
#ifndef CLINIC_NUMBERS_H
#define CLINIC_NUMBERS_H

#include "clinic/tree.h"

#include "watch/map.h"

struct numbers {
    struct map of_frames, of_strings;   /* to number + 1, as a pointer */
    const struct frame **frames;
    const char **strings;
    size_t frame_count, string_count, frame_room, string_room;
    bool failed;                        /* memory is exhausted */
};

/* Each frame of the tree, in the order of walk_next(). */
void seed__numbers_make(struct numbers *numbers, const struct tree *tree);
void seed__numbers_clear(struct numbers *numbers);

size_t seed__numbers_frame(struct numbers *numbers, const struct frame *frame);
size_t seed__numbers_string(struct numbers *numbers, const char *string);

#endif
