/* SPDX-License-Identifier: MIT */
#include "clinic/tree.h"

const char *const seed__category_names[CATEGORIES] = { "app", "libseed",
    "libevent", "openssl", "jansson", "libc", "kernel", "other", "span" };
