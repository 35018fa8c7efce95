/* SPDX-License-Identifier: MIT */
/* Warns of lists of hooks that grow: node's MaxListenersExceededWarning, and a
 * rule that lifting the limit does not silence. */
#ifndef WATCH_LEAK_H
#define WATCH_LEAK_H

#include <seed/types.h>

/* Watches from now on, as long as the server lives, which frees it. Costs
 * nothing but when a hook is added.
 *
 * growth  also hooks that become more with every request
 *
 * Returns 0 or SEED_ENOMEM. */
int seed__leak_watch(seed_server *server, bool growth);

#endif
