/* SPDX-License-Identifier: MIT */
/* Over a tree, parents first. */
#ifndef CLINIC_WALK_H
#define CLINIC_WALK_H

#include "clinic/tree.h"

/* The node behind `node`, or NULL behind the last. */
static inline const struct node *walk_next(const struct node *node)
{
    if (node->first)
        return node->first;
    while (node && !node->next)
        node = node->parent;
    return node ? node->next : NULL;
}

#endif
