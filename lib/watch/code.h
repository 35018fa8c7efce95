/* SPDX-License-Identifier: MIT */
/* How machine code spells a call. */
#ifndef WATCH_CODE_H
#define WATCH_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { CODE_BEFORE = 8 }; /* bytes before a return address that tell */

/* Whether the bytes before an address end with a call, so that the address may
 * be one to return to. True where it is not known how a call looks. */
static inline bool code_is_call(const unsigned char bytes[CODE_BEFORE])
{
#if defined(__x86_64__) || defined(__i386__)
    /* call rel32; call r/m, whose second byte has 2 in its middle bits, and
     * of which there are forms with 2 to 7 bytes. */
    static const unsigned char lengths[] = { 2, 3, 4, 6, 7 };

    if (bytes[CODE_BEFORE - 5] == 0xe8)
        return true;
    for (size_t i = 0; i < sizeof lengths; i++) {
        const unsigned char *at = bytes + CODE_BEFORE - lengths[i];

        if (at[0] == 0xff && (at[1] >> 3 & 7) == 2)
            return true;
    }
    return false;
#elif defined(__aarch64__)
    uint32_t word;

    memcpy(&word, bytes + CODE_BEFORE - 4, sizeof word);
    return (word & 0xfc000000) == 0x94000000    /* bl  */
        || (word & 0xfffffc1f) == 0xd63f0000;   /* blr */
#else
    (void)bytes;
    return true;
#endif
}

#endif
