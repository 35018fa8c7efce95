/* SPDX-License-Identifier: MIT */
#include "clinic/numbers.h"
#include "clinic/walk.h"

#include <seed/server.h>

#include <string.h>

static void *grown(void *array, size_t *room, size_t count, size_t size)
{
    size_t next = *room ? *room * 2 : 256;
    void *made;

    if (count < *room)
        return array;
    made = seed_resize(array, next * size);
    if (made)
        *room = next;
    return made;
}

/* Texts of a tree's frames are the same pointer when they are the same. */
size_t seed__numbers_string(struct numbers *numbers, const char *string)
{
    void *found = map_find(&numbers->of_strings, string);
    const char **strings;

    if (found)
        return (size_t)(uintptr_t)found - 1;
    strings = grown(numbers->strings, &numbers->string_room,
        numbers->string_count, sizeof *strings);
    if (!strings || !seed__map_put(&numbers->of_strings, string,
            (void *)(uintptr_t)(numbers->string_count + 1))) {
        numbers->failed = true;
        numbers->strings = strings ? strings : numbers->strings;
        return 0;
    }
    numbers->strings = strings;
    strings[numbers->string_count] = string;
    return numbers->string_count++;
}

size_t seed__numbers_frame(struct numbers *numbers, const struct frame *frame)
{
    void *found = map_find(&numbers->of_frames, frame);
    const struct frame **frames;

    if (found)
        return (size_t)(uintptr_t)found - 1;
    frames = grown(numbers->frames, &numbers->frame_room,
        numbers->frame_count, sizeof *frames);
    if (!frames || !seed__map_put(&numbers->of_frames, frame,
            (void *)(uintptr_t)(numbers->frame_count + 1))) {
        numbers->failed = true;
        numbers->frames = frames ? frames : numbers->frames;
        return 0;
    }
    numbers->frames = frames;
    frames[numbers->frame_count] = frame;
    return numbers->frame_count++;
}

void seed__numbers_make(struct numbers *numbers, const struct tree *tree)
{
    *numbers = (struct numbers){ .failed = false };
    for (const struct node *at = tree->root; at; at = walk_next(at))
        if (at->frame)
            seed__numbers_frame(numbers, at->frame);
}

void seed__numbers_clear(struct numbers *numbers)
{
    seed__map_clear(&numbers->of_frames);
    seed__map_clear(&numbers->of_strings);
    seed_release(numbers->frames);
    seed_release(numbers->strings);
    *numbers = (struct numbers){ .failed = false };
}
