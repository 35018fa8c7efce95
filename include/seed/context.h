/* SPDX-License-Identifier: MIT */
#ifndef SEED_CONTEXT_H
#define SEED_CONTEXT_H

#include <seed/types.h>

SEED_BEGIN_C

/* W3C Trace Context: one id for all that one call sets in motion, across
 * programs, taken from the fields `traceparent` and `tracestate` and handed on
 * in them. Each request is a span of its own in that trace.
 *
 *     const seed_context *context = seed_req_context(req);
 *
 *     evhttp_add_header(headers, "traceparent", context->traceparent);
 *     if (*context->tracestate)
 *         evhttp_add_header(headers, "tracestate", context->tracestate);
 *
 * With `trace` in the options of seed_log_requests() both ids are logged. */

/** Where a request stands in a trace. Strings end with NUL. */
typedef struct seed_context {
    char trace_id[33];  /* 32 hex digits, in lower case                     */
    char span_id[17];   /* of this request: 16 hex digits                   */
    char parent_id[17]; /* of the caller's span; "" when the trace begins
                         * with this request                                */
    unsigned char flags;    /* 1: sampled, 2: the trace id is random        */
    char traceparent[56];   /* what to send on: "00-...-...-01"             */
    const char *tracestate; /* what to send on; "" for none                 */
} seed_context;

/** The request's place, made when first asked for: the caller's trace and a
 *  new span; or a new, sampled trace when there is no `traceparent`, more than
 *  one, or one that is malformed. A malformed `tracestate` is dropped alone.
 *
 *  Borrowed until the last `after`; NULL when memory is exhausted. On the
 *  worker's thread. */
SEED_API const seed_context *seed_req_context(seed_req *req);

/** Reads the value of a `traceparent` field: trace_id, parent_id and flags are
 *  set, the rest is emptied. Strict: versions other than "ff", 55 characters
 *  in version 00, hex digits in lower case, no id of zeros. Returns false and
 *  leaves `out` as it was when the value is malformed. Any thread. */
SEED_API bool seed_context_parse(seed_context *out, const char *traceparent);

/** Makes a new span in the context: span_id and `traceparent` are set anew.
 *  Without a trace_id, a new trace. For jobs that no request sets in motion
 *  (from an empty struct), and for spans inside a request. Any thread. */
SEED_API void seed_context_span(seed_context *context);

SEED_END_C

#endif
