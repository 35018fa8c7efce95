/* SPDX-License-Identifier: MIT */
/* Recordings as pages: one HTML file that carries its styles, its scripts and
 * the recording's JSON, asks nothing of the network, and runs no script but
 * its own. */
#ifndef CLINIC_PAGE_H
#define CLINIC_PAGE_H

#include <stddef.h>

/* What a page is made of. The HTML has a hole for each: {{policy}} the content
 * of its CSP meta element, {{style}}, {{data}} and {{script}}. */
struct page {
    const char *html;
    const char *const *styles;  /* NULL at the end, as are the scripts      */
    const char *const *scripts;
    const char *id;             /* of the script element with the recording */
};

/* The page around a recording's JSON; `before`, that of an earlier one, goes
 * into the element "seed-before", and may be NULL. Returns the HTML, owned:
 * seed_release(); NULL without memory. `length` may be NULL. */
char *seed__page_make(const struct page *page, const char *json,
    const char *before, size_t *length);

/* The doctor's report. Arguments and result as above. */
char *seed__page_doctor(const char *json, const char *before, size_t *length);

/* The flame graph, likewise. */
char *seed__page_flame(const char *json, const char *before, size_t *length);

#endif
