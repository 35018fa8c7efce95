/* SPDX-License-Identifier: MIT */
/* One request and its answer, as the files of this room see them. Everything
 * that can be reached from here lives in the request's arena, whose first
 * block stands right behind the struct, and ends after its last `after`. */
#ifndef FLOW_REQ_H
#define FLOW_REQ_H

#include "base/pairs.h"
#include "base/slots.h"
#include "flow/flow.h"
#include "http/uri.h"
#include "http/words.h"

#include <seed/async.h>
#include <seed/body.h>
#include <seed/res.h>

#include <pthread.h>
#include <stdatomic.h>

/* The stages of a request, in the order of flow.c. */
enum stage {
    STAGE_PRE,
    STAGE_ROUTE,
    STAGE_USE,
    STAGE_HANDLERS,
    STAGE_SILENT, /* every handler went on and none has answered */
    STAGE_FAULT,  /* the error handlers                          */
    STAGE_ANSWER, /* the error's default answer                  */
    STAGE_OVER
};

enum answer_state {
    ANSWER_OPEN,   /* nothing was sent                       */
    ANSWER_STREAM, /* the head was sent, pieces follow       */
    ANSWER_WHOLE   /* everything was given to the sink       */
};

enum body_mode { BODY_UNASKED, BODY_WHOLE, BODY_STREAM };

/* Values of `wait`: who a handler that returned SEED_WAIT waits for. */
enum wait_state {
    WAIT_NOT,      /* no handler waits                                   */
    WAIT_USER,     /* for seed_resume()                                  */
    WAIT_OURS,     /* for the body, or for evhttp: nobody else knows it  */
    WAIT_RESUMED   /* seed_resume() came first; the step is added        */
};

/* Bits of `late`: a mailbox that is closed takes no request to its loop, so
 * that who is the second of these two frees it. */
enum late_mark {
    LATE_CUT_LOOSE = 1, /* the flow knows it no more         */
    LATE_RESUMED = 2    /* and nor does whoever held it      */
};

struct send_hook {
    seed_hook *hook;
    void *ctx;
    struct send_hook *next;
};

struct cleanup {
    void (*run)(void *ctx);
    void *ctx;
    struct cleanup *next;
};

struct seed_res {
    int status;
    enum answer_state state;
    bool close;              /* seed_res_close()                           */
    bool in_send_stage;
    bool has_body;           /* bytes and length are what was sent         */
    bool no_length;          /* HEAD: the length is not known              */
    bool chunked;
    bool bodiless;           /* HEAD, 204, 205, 304                        */
    bool drain_wanted;
    bool broken;             /* it failed when it was half sent            */
    const char *bytes;
    size_t length;
    char *roomy;             /* a body with room for its head before it    */
    uint64_t left;           /* of a stream with a length                  */
    struct json_t *json;
    struct pairs fields;
    const seed_fault *fault;
    struct send_hook *send_hooks, *last_send_hook;
    seed_drain_hook *drain;
    void *drain_ctx;
    uint64_t wire_bytes;
};

struct seed_req {
    /* What making a request sets. */
    struct flow *flow;
    struct arena arena;
    seed_req *next, **link;  /* in flow->live, ->held or ->spare           */
    struct head head;
    struct target target;
    char *bytes;             /* the head's, with NULs set behind its parts */
    uint64_t number, begun;
    pthread_t thread;
    struct mailbox *box;

    /* From here on all is zero at first. What was asked. */
    struct sink *sink;       /* NULL once the client is gone               */
    char *path;              /* with a NUL, made when asked for            */
    char *query;
    const struct param *params;
    unsigned param_count;
    const seed_route *route;
    const seed_pairs *queries;
    char *content_type;
    const char *peer_text;
    const struct seed_tls *tls;
    seed_res res;

    /* Where it is on its way. */
    enum stage stage;
    unsigned at;                   /* next link of the stage's chain        */
    struct chain error_chain;      /* STAGE_FAULT's, in the arena           */
    bool emitted;                  /* this stage's event was                */
    bool settled;                  /* over whatever its handlers say        */
    bool flushed;                  /* the kernel has the answer             */
    bool queries_parsed, finished;
    enum seed_peer_state peer;

    /* SEED_WAIT. */
    _Atomic int wait;              /* enum wait_state, + the step           */
    seed_step resumed;
    struct task task;
    const seed_site *waiter;       /* who waits                             */
    bool orphan;                   /* its flow was cleared                  */
    _Atomic int late;              /* enum late_mark, see resume.c          */
    unsigned pins;                 /* of ours that still use the memory     */
    seed_handler *then;            /* instead of the next link              */
    void *then_ctx;

    /* The body. */
    enum body_mode body_mode;
    bool body_ended, body_paused, body_heap, informed;
    bool end_queued;               /* body_task is: the hook's last call    */
    size_t body_limit;
    uint64_t body_seen;
    char *body;
    size_t body_length, body_room;
    seed_body_hook *body_hook;
    void *body_ctx;
    struct task body_task;
    const char *trailers;
    size_t trailers_length;

    struct slot *slots;
    struct cleanup *cleanups;
    seed_peer_hook *peer_hook;
    void *peer_ctx;
    seed_cancel_hook *cancel_hook;
    void *cancel_ctx;
};

#define REQ_OF_RES(res) \
    ((seed_req *)(void *)((char *)(res) - offsetof(struct seed_req, res)))
#define REQ_OF_CONST_RES(r) \
    ((const seed_req *)(const void *)((const char *)(r) \
        - offsetof(struct seed_req, res)))

static inline struct str head_str(const seed_req *req, uint16_t at,
    uint16_t length)
{
    return (struct str){ req->bytes + at, length };
}

static inline struct str req_method(const seed_req *req)
{
    return head_str(req, req->head.method, req->head.method_length);
}

/* life.c: making, settling and giving back. */
seed_req *seed__req_new(struct flow *flow, const struct head *head,
    const char *bytes);
void seed__req_release(seed_req *req);
void seed__req_finish(seed_req *req);
void seed__req_settle(seed_req *req);

/* Memory that stays while a function of the user's runs, which may end the
 * request, or while one of our tasks is queued. */
void seed__req_pin(seed_req *req);
void seed__req_unpin(seed_req *req);

/* begin.c: fails whatever its handlers do, and closes. */
void seed__req_overrule(seed_req *req, const seed_fault *fault);

/* flow.c: goes on, with what the last handler returned. */
void seed__flow_go(seed_req *req, seed_step step);

/* chain.c */
seed_step seed__chain_run(seed_req *req, const struct chain *chain);

/* resume.c: what a handler's SEED_WAIT means now: SEED_WAIT, or the step with
 * which it was resumed before it returned. */
seed_step seed__wait_begin(seed_req *req, const seed_site *site);
void seed__wait_ours(seed_req *req);
bool seed__wait_take(seed_req *req);
void seed__wait_over(seed_req *req, seed_step step);

/* body.c: what of the body has not come is wanted by nobody any more. */
void seed__body_drop(seed_req *req);

/* bare.c: an answer that needs no memory, and the end of the connection. */
void seed__bare_answer(struct flow *flow, struct sink *sink,
    const seed_fault *fault, bool head_only);

/* The same for a request that cannot be answered otherwise. */
void seed__bare_give_up(seed_req *req);

/* fault.c */
void seed__fault_set(seed_req *req, const seed_fault *fault);
seed_step seed__fault_no_route(seed_req *req, enum router_verdict verdict);
seed_step seed__fault_overfull(seed_req *req);
seed_step seed__fault_collect(seed_req *req);
void seed__fault_answer(seed_req *req);

/* send.c: a head that stands right before its body costs the kernel less than
 * two pieces; bodies that are written here leave so much room for it. */
enum { SEND_HEAD_ROOM = 512 };
seed_step seed__send(seed_res *res, int status, const char *type);
bool seed__send_allowed(seed_res *res, const char *what);
struct str seed__send_head(seed_res *res, bool chunked, bool has_length,
    uint64_t length);
void seed__send_stage(seed_res *res);
bool seed__answer_closes(const seed_req *req);

/* lend.c: the two handlers of a mounted evhttp callback's route. */
seed_step seed__lend_body(seed_req *req, seed_res *res, void *ctx);
seed_step seed__lend(seed_req *req, seed_res *res, void *ctx);

/* trace.c: what runs on this thread. Initial-exec: the access is one load and
 * never allocates, which a signal handler could not bear. */
struct running {
    const seed_site *site;
    const seed_req *req;
};
extern _Thread_local struct running seed__running
    __attribute__((tls_model("initial-exec")));
void seed__trace_tell_enter(const struct plan *plan, const seed_site *site,
    seed_req *req);
void seed__trace_tell_leave(const struct plan *plan, const seed_site *site,
    seed_req *req);
void seed__trace_wait(seed_req *req, const seed_site *site);
void seed__trace_resume(seed_req *req);

/* Around every handler and hook, so that they cost a few stores and no call
 * while nobody traces. */
static inline struct running seed__trace_enter(struct flow *flow,
    const seed_site *site, seed_req *req)
{
    struct running outer = seed__running;

    flow->depth++;
    seed__running.req = req;
    atomic_signal_fence(memory_order_release);
    seed__running.site = site;
    if (flow->plan->tracer_count)
        seed__trace_tell_enter(flow->plan, site, req);
    return outer;
}

static inline void seed__trace_leave(struct flow *flow, struct running outer,
    const seed_site *site, seed_req *req)
{
    if (flow->plan->tracer_count)
        seed__trace_tell_leave(flow->plan, site, req);
    seed__running.site = outer.site;
    atomic_signal_fence(memory_order_release);
    seed__running.req = outer.req;
    flow->depth--;
}

/* emit.c. The worker alone counts: a load and a store, no locked
 * instruction. */
static inline void seed__emit_count(struct flow *flow, enum seed_on on)
{
    uint64_t count = atomic_load_explicit(&flow->events[on],
        memory_order_relaxed);

    atomic_store_explicit(&flow->events[on], count + 1, memory_order_relaxed);
}

void seed__emit_tell(struct flow *flow, enum seed_on on, seed_req *req);

/* Most events have no hook. */
static inline void seed__emit(struct flow *flow, enum seed_on on,
    seed_req *req)
{
    seed__emit_count(flow, on);
    if (flow->hooks.lists[on].count)
        seed__emit_tell(flow, on, req);
}

void seed__emit_connection(struct flow *flow, enum seed_on on,
    uint64_t connection, const seed_fault *fault);

/* warn.c: one line to the server's warn function, or stderr. */
void seed__warn(const struct plan *plan, const char *format, ...)
    SEED_PRINTF(2, 3);

/* Likewise of a request's handlers: of each kind one a second and worker, for
 * nobody's disk shall be filled by clients that ask again and again. */
void seed__warn_mistake(seed_req *req, enum mistake mistake,
    const char *format, ...) SEED_PRINTF(3, 4);

#endif
