/* SPDX-License-Identifier: MIT */
/* How sockets are passed from process to process: a number of descriptors from
 * 3 on, named in the environment as sd_listen_fds(3) has it. */
#ifndef SERVER_ACTIVATED_H
#define SERVER_ACTIVATED_H

enum { PASSED_FIRST = 3, PASSED_MOST = 250 };

#endif
