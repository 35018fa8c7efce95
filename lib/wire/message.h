/* SPDX-License-Identifier: MIT */
/* An accepted request, written anew for evhttp: the same method, target and
 * fields, the decoded body and one length. Nothing of the peer's framing is
 * left in it. */
#ifndef WIRE_MESSAGE_H
#define WIRE_MESSAGE_H

#include "flow/flow.h"

struct evbuffer;

/* True for a method that evhttp knows: others it answers by closing. */
bool seed__message_known(const seed_req *req);
bool seed__message_is_head(const seed_req *req);

/* Adds the message at the end of `to`. Unless `keep`, evhttp is told to close
 * behind its answer. False when memory is exhausted; `to` then has a part of
 * it. */
bool seed__message_write(struct evbuffer *to, const seed_req *req, bool keep);

/* The decoded path of the request's target, or NULL: owned. */
char *seed__message_path(const seed_req *req);

#endif
