/* SPDX-License-Identifier: MIT */
#ifndef SEED_ERROR_H
#define SEED_ERROR_H

#include <seed/types.h>

SEED_BEGIN_C

/** What a call may return instead of 0: one negative number and one sentence
 *  for each, from this one table. */
#define SEED_ERRORS(X)                                                        \
    X(ENOMEM, -1, "out of memory")                                            \
    X(EDUP, -2, "this method and pattern have a route already")               \
    X(EPATTERN, -3, "the route pattern is not well formed")                   \
    X(EINVAL, -4, "an argument is not valid")                                 \
    X(ESTATE, -5, "the call comes too early or too late")                     \
    X(EHEADER, -6, "the field name or value is not allowed in HTTP")          \
    X(ESENT, -7, "this request has its answer already")                       \
    X(EGONE, -8, "the client is gone")                                        \
    X(ELISTEN, -9, "the address cannot be listened on")                       \
    X(ESYSTEM, -10, "a system call failed")                                   \
    X(ELIBEVENT, -11, "libevent does not behave as libseed needs")            \
    X(ENOROUTE, -12, "no route has this name")                                \
    X(EFULL, -13, "a limit is reached")                                       \
    X(EUNSUPPORTED, -14, "this combination cannot work")                      \
    X(ECUT, -15, "requests were cut off when the server stopped")             \
    X(ECHILD, -16, "the program that was started does not serve")

/** The numbers as constants: SEED_ENOMEM and its kin. */
enum seed_error {
#define SEED_X(name, value, text) SEED_##name = (value),
    SEED_ERRORS(SEED_X)
#undef SEED_X
    SEED_OK = 0
};

/** Returns the sentence for an error number, or "unknown error". Static. Any
 *  thread. For the first error of a server's setup, seed_server_error() tells
 *  more. */
SEED_API const char *seed_strerror(int error);

/** An error as a value: what an HTTP error answer says.
 *
 *  The default answer is restify's: {"code":"...","message":"..."}. */
typedef struct seed_fault {
    int status;          /* 400 to 599                                      */
    const char *name;    /* what seed_on_error() matches, "NotFound"        */
    const char *code;    /* sent to the client, "ResourceNotFound"          */
    const char *message; /* sent to the client                              */
    const char *cause;   /* for logs and hooks, never sent; may be NULL     */
} seed_fault;

/** Ends the chain with an error, restify's next(err): error handlers run, and
 *  when none of them answers, the client gets the default error answer.
 *
 *      if (!user)
 *          return seed_fail(res, 404, "no user has the id %s", id);
 *
 *  status   400 to 599; anything else becomes 500. Name and code are those of
 *           the status ("NotFound" for 404)
 *  message  a printf format; copied. NULL: that of the status
 *
 *  Returns SEED_STOP. After an answer was sent it changes nothing on the wire,
 *  but hooks see the fault. */
SEED_API seed_step seed_fail(seed_res *res, int status, const char *message,
    ...) SEED_PRINTF(3, 4);

/** Like seed_fail(), with a name, code and cause of your own.
 *
 *  fault  borrowed for the call, its strings are copied. A status of 0 is 500;
 *         a NULL name is the code, or the status's when that is NULL as well;
 *         a NULL code or message is the status's */
SEED_API seed_step seed_fail_with(seed_res *res, const seed_fault *fault);

/** Returns the fault that this request met, or NULL: for error handlers, the
 *  send stage and `after` hooks. Borrowed until the last `after`. */
SEED_API const seed_fault *seed_res_fault(const seed_res *res);

/** Adds an error handler, run when a request fails: seed_fail(), no route,
 *  wrong method, a chain that ended without an answer.
 *
 *  name     a fault's name or code ("NotFound"), copied, or NULL for every
 *           fault. Those that match by name run first, then the general ones,
 *           each in the order in which they were added
 *  handler  may answer (seed_send_...), or leave that to the next one by
 *           SEED_NEXT; may return SEED_WAIT
 *  ctx      borrowed; must outlive the server */
#define seed_on_error(server, name, handler, ...) \
    seed_on_error_at((server), (name), (handler), (__VA_ARGS__), \
        SEED_HERE(handler))
SEED_API void seed_on_error_at(seed_server *server, const char *name,
    seed_handler *handler, void *ctx, const char *function, const char *file,
    int line);

SEED_END_C

#endif
