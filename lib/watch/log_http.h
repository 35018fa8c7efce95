/* SPDX-License-Identifier: MIT */
/* What requests, answers and errors look like in a line. The place of the
 * value is open. */
#ifndef WATCH_LOG_HTTP_H
#define WATCH_LOG_HTTP_H

#include "watch/log_line.h"

void seed__line_req(struct line *line, const seed_log_field *field);
void seed__line_res(struct line *line, const seed_log_field *field);

/* log_err.c */
void seed__line_fault(struct line *line, const seed_log_field *field);
void seed__line_errno(struct line *line, const seed_log_field *field);

/* The error of a status that no fault explains. */
void seed__line_status(struct line *line, int status);

/* log_request.c: the request's id. */
void seed__line_id(struct line *line, seed_req *req);

#endif
