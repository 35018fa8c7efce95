/* SPDX-License-Identifier: MIT */
/* What C libraries call a timer's thread. */
#ifndef CLINIC_TID_H
#define CLINIC_TID_H

#include <signal.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

#endif
