/* SPDX-License-Identifier: MIT */
#ifndef SEED_VERSION_H
#define SEED_VERSION_H

#include <seed/types.h>

/** The version of these headers. The Makefile, the shared library's name and
 *  the pkg-config file read the three numbers from here. */
#define SEED_VERSION_MAJOR 0
#define SEED_VERSION_MINOR 1
#define SEED_VERSION_PATCH 0
#define SEED_VERSION "0.1.0"

SEED_BEGIN_C

/** Returns the version of the library that is linked, as "major.minor.patch".
 *  Static. Any thread. */
SEED_API const char *seed_version(void);

SEED_END_C

#endif
