/* SPDX-License-Identifier: MIT */
/* Recordings of a server that runs, by its admin listener. */
#ifndef CLINIC_LIVE_H
#define CLINIC_LIVE_H

#include <seed/types.h>

/* Adds /doctor and /flame to the admin listener's server.
 *
 * watched  what it tells of, prepared for the doctor (seed_doctor_prepare()) */
void seed__live_routes(seed_server *admin, seed_server *watched);

#endif
