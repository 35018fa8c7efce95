/* SPDX-License-Identifier: MIT */
/* Time and turns, as the flow needs them: a worker's loop, or a test. */
#ifndef FLOW_PORT_H
#define FLOW_PORT_H

#include "base/mailbox.h"

#include <stdbool.h>
#include <stdint.h>

struct port;
struct port_timer;

struct port_ops {
    /* Runs a task in this turn, after the current callback has returned to
     * the loop: what must not run inside its caller. */
    void (*soon)(struct port *port, struct task *task);

    /* Runs a task in the next turn, after the events that are ready now. */
    void (*defer)(struct port *port, struct task *task);

    struct port_timer *(*timer_start)(struct port *port, unsigned ms,
        bool repeat, void (*fire)(void *ctx), void *ctx);
    void (*timer_stop)(struct port *port, struct port_timer *timer);

    /* True on the thread that runs this port. */
    bool (*here)(struct port *port);
};

struct port {
    const struct port_ops *ops;
    struct mailbox *box; /* from other threads; the port's reference */
};

#endif
