/* SPDX-License-Identifier: MIT */
/* The handler does what a handler may: no memory, no lock, no text. The
 * unwinder finds its tables by _dl_find_object(), without the loader's lock
 * (glibc 2.35); it is run once before, so that nothing is loaded in it. */
#include "watch/stack.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <unwind.h>

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int number; /* of the signal; 0: none yet */

/* Above the frame of the interrupted function are those of the handler: the
 * unwinder tells by `before`, for there the address is of the instruction that
 * comes next, and not of the one behind a call. */
static _Unwind_Reason_Code on_frame(struct _Unwind_Context *context, void *ctx)
{
    struct walk *walk = ctx;
    int before = 0;
    void *at = (void *)_Unwind_GetIPInfo(context, &before);

    if (before)
        walk->count = 0;
    walk->truncated = at && walk->count == walk->room;
    if (!at || walk->truncated)
        return _URC_END_OF_STACK;

    /* An address behind a call may be in the next function already. */
    walk->frames[walk->count++] = before ? at : (char *)at - 1;
    return _URC_NO_REASON;
}

void seed__stack_walk(struct walk *walk)
{
    walk->count = 0;
    walk->truncated = false;
    _Unwind_Backtrace(on_frame, walk);
}

static void take(struct stack *stack)
{
    struct walk walk = { .frames = stack->frames, .room = STACK_FRAMES };
    int asked = STACK_ASKED;
    struct turn turn;

    if (!atomic_compare_exchange_strong(&stack->state, &asked, STACK_TAKING))
        return;

    turn = seed__pulse_turn(stack->pulse, seed_now());
    if (!turn.age || turn.number != stack->turn) {
        atomic_store(&stack->state, STACK_MISSED);
        return;
    }
    seed__stack_walk(&walk);
    stack->count = walk.count;
    atomic_store(&stack->state, STACK_TAKEN);
}

static void on_signal(int which, siginfo_t *info, void *context)
{
    int error = errno;

    (void)which;
    (void)context;
    if (info->si_code == SI_QUEUE && info->si_pid == getpid()
        && info->si_value.sival_ptr)
        take(info->si_value.sival_ptr);
    errno = error;
}

/* From above: those who take one usually begin below. */
int seed__stack_find_signal(void)
{
    struct sigaction used;

    for (int i = SIGRTMAX - 1; i > SIGRTMIN; i--) {
        if (!sigaction(i, NULL, &used) && !(used.sa_flags & SA_SIGINFO)
            && used.sa_handler == SIG_DFL)
            return i;
    }
    return 0;
}

static int take_signal(void)
{
    struct sigaction act = { .sa_sigaction = on_signal,
        .sa_flags = SA_SIGINFO | SA_RESTART };
    void *frames[STACK_FRAMES];
    struct walk warm = { .frames = frames, .room = STACK_FRAMES };
    int found = seed__stack_find_signal();

    if (!found)
        return SEED_EFULL;
    seed__stack_walk(&warm);
    sigemptyset(&act.sa_mask);
    if (sigaction(found, &act, NULL))
        return SEED_EFULL;
    atomic_store(&number, found);
    return 0;
}

int seed__stack_start(void)
{
    int error;

    pthread_mutex_lock(&gate);
    error = atomic_load(&number) ? 0 : take_signal();
    pthread_mutex_unlock(&gate);
    return error;
}

void seed__stack_admit(void)
{
    sigset_t one;

    sigemptyset(&one);
    sigaddset(&one, atomic_load(&number));
    pthread_sigmask(SIG_UNBLOCK, &one, NULL);
}

bool seed__stack_ask(struct stack *stack, pthread_t thread,
    const struct pulse *pulse, uint64_t turn)
{
    int state = atomic_load(&stack->state);

    if (!atomic_load(&number) || state == STACK_ASKED || state == STACK_TAKING)
        return false;

    stack->pulse = pulse;
    stack->turn = turn;
    atomic_store(&stack->state, STACK_ASKED);
    if (!pthread_sigqueue(thread, atomic_load(&number),
            (union sigval){ .sival_ptr = stack }))
        return true;

    atomic_store(&stack->state, STACK_FREE);
    return false;
}

/* The signal is this thread's: it comes when a system call returns, if it was
 * not kept out. */
void seed__stack_settle(struct stack *stack)
{
    static const struct timespec moment = { 0, 100000 };

    if (atomic_load(&stack->state) != STACK_ASKED)
        return;
    seed__stack_admit();
    while (atomic_load(&stack->state) == STACK_ASKED)
        nanosleep(&moment, NULL);
}
