/* SPDX-License-Identifier: MIT */
/* What the fields that rule a message say: Host, Content-Length,
 * Transfer-Encoding, Connection and Expect. A part of head.c. */
#ifndef HTTP_FACTS_H
#define HTTP_FACTS_H

#include "http/head.h"

/* Notes the newest field; a verdict other than HEAD_OK is final. */
enum head_verdict seed__facts_note(struct head *head, const char *bytes);

/* After the last field: judges what is missing. */
enum head_verdict seed__facts_settle(struct head *head);

#endif
