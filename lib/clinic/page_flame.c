/* SPDX-License-Identifier: MIT */
/* The flame graph's page: what lib/clinic/page/flame* says, as strings. */
#include "clinic/page.h"

static const char html[] =
#include "clinic/page/flame.html.inc"
    ;

static const char base_style[] =
#include "clinic/page/base.css.inc"
    ;
static const char style[] =
#include "clinic/page/flame.css.inc"
    ;

static const char base[] =
#include "clinic/page/base.js.inc"
    ;
static const char read[] =
#include "clinic/page/flame_read.js.inc"
    ;
static const char tree[] =
#include "clinic/page/flame_tree.js.inc"
    ;
static const char ask[] =
#include "clinic/page/flame_ask.js.inc"
    ;
static const char color[] =
#include "clinic/page/flame_color.js.inc"
    ;
static const char draw[] =
#include "clinic/page/flame_draw.js.inc"
    ;
static const char state[] =
#include "clinic/page/flame_state.js.inc"
    ;
static const char panel[] =
#include "clinic/page/flame_panel.js.inc"
    ;
static const char view[] =
#include "clinic/page/flame_view.js.inc"
    ;
static const char listen[] =
#include "clinic/page/flame_listen.js.inc"
    ;
static const char flame[] =
#include "clinic/page/flame.js.inc"
    ;

static const char *const styles[] = { base_style, style, NULL };
static const char *const scripts[] = { base, read, tree, ask, color, draw,
    state, panel, view, listen, flame, NULL };
static const struct page page = { html, styles, scripts, "seed-flame" };

char *seed__page_flame(const char *json, const char *before, size_t *length)
{
    return seed__page_make(&page, json, before, length);
}
