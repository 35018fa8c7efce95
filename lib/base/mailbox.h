/* SPDX-License-Identifier: MIT */
#ifndef BASE_MAILBOX_H
#define BASE_MAILBOX_H

#include <stdbool.h>

/* What other threads have for a loop: tasks, in order, behind one lock. It may
 * outlive the loop (references are counted), so that who comes late learns
 * that nobody reads it any more. */
struct task {
    struct task *next;
    void (*run)(struct task *task);
};

struct mailbox;

/* wake is called, on the posting thread and under no lock, when the box was
 * empty before. Returns a box with one reference, or NULL. */
struct mailbox *seed__mailbox_new(void (*wake)(void *ctx), void *ctx);
void seed__mailbox_hold(struct mailbox *box);
void seed__mailbox_drop(struct mailbox *box);

/* Any thread. False when the box is closed; the task is then the caller's. */
bool seed__mailbox_post(struct mailbox *box, struct task *task);

/* Runs what is in the box, in order; tasks posted meanwhile wait. */
void seed__mailbox_run(struct mailbox *box);

/* Closes the box, then runs what was in it. wake is never called again once
 * this has returned. */
void seed__mailbox_close(struct mailbox *box);

#endif
