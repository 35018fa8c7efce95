/* SPDX-License-Identifier: MIT */
#ifndef FLOW_FAULT_H
#define FLOW_FAULT_H

#include <seed/error.h>

/* Fills in what is missing: name, code and message of the status. */
void seed__fault_complete(seed_fault *fault);

#endif
