/* SPDX-License-Identifier: MIT */
#ifndef HTTP_DATE_H
#define HTTP_DATE_H

#include "base/str.h"

#include <stdint.h>

/* Reads an HTTP-date in any of its three formats (RFC 9110 5.6.7), strictly:
 * the day's name must be one, but need not be that day's.
 *
 *  now      seconds since 1970, for the two-digit years of RFC 850
 *  *second  receives seconds since 1970
 *
 * Returns false, and leaves *second alone, for what is not a date. */
bool seed__date_parse(struct str text, int64_t now, int64_t *second);

#endif
