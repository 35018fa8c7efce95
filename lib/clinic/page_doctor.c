/* SPDX-License-Identifier: MIT */
/* The doctor's report: what lib/clinic/page/doctor* says, as strings. */
#include "clinic/page.h"

static const char html[] =
#include "clinic/page/doctor.html.inc"
    ;

static const char base_style[] =
#include "clinic/page/base.css.inc"
    ;
static const char style[] =
#include "clinic/page/doctor.css.inc"
    ;

static const char base[] =
#include "clinic/page/base.js.inc"
    ;
static const char recording[] =
#include "clinic/page/doctor_recording.js.inc"
    ;
static const char scale[] =
#include "clinic/page/doctor_scale.js.inc"
    ;
static const char chart[] =
#include "clinic/page/doctor_chart.js.inc"
    ;
static const char hair[] =
#include "clinic/page/doctor_hair.js.inc"
    ;
static const char table[] =
#include "clinic/page/doctor_table.js.inc"
    ;
static const char advice[] =
#include "clinic/page/doctor_advice.js.inc"
    ;
static const char panel[] =
#include "clinic/page/doctor_panel.js.inc"
    ;
static const char compare[] =
#include "clinic/page/doctor_compare.js.inc"
    ;
static const char doctor[] =
#include "clinic/page/doctor.js.inc"
    ;

static const char *const styles[] = { base_style, style, NULL };
static const char *const scripts[] = { base, recording, scale, chart, hair,
    table, advice, panel, compare, doctor, NULL };
static const struct page page = { html, styles, scripts, "seed-doctor" };

char *seed__page_doctor(const char *json, const char *before, size_t *length)
{
    return seed__page_make(&page, json, before, length);
}
