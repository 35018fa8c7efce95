/* SPDX-License-Identifier: MIT */
/* The names that a certificate is for, and which of them a client means. */
#include "wire/tls_inside.h"

#include <openssl/x509v3.h>

/* In lower case, a blank before and behind each. */
char *seed__tls_names_copy(const char *names)
{
    size_t length = strlen(names);
    char *copy = seed__alloc(length + 3), *to = copy;

    if (!copy)
        return NULL;

    *to++ = ' ';
    for (size_t i = 0; i < length; i++) {
        char c = names[i] == '\t' || names[i] == '\n' ? ' ' : names[i];

        if (c != ' ' || to[-1] != ' ')
            *to++ = seed__lower(c);
    }
    if (to[-1] != ' ')
        *to++ = ' ';
    *to = '\0';
    return copy;
}

/* Appends; false when memory is exhausted. A name with a blank or a NUL in it
 * is nobody's, and is left out. */
static bool append(char **list, const unsigned char *bytes, size_t length)
{
    size_t used = *list ? strlen(*list) : 0;
    char *larger;

    if (memchr(bytes, ' ', length) || memchr(bytes, '\0', length))
        return true;

    larger = seed__resize(*list, used + length + 2);
    if (!larger)
        return false;
    memcpy(larger + used, bytes, length);
    memcpy(larger + used + length, " ", 2);
    *list = larger;
    return true;
}

static bool append_alternatives(char **list, GENERAL_NAMES *names)
{
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

        if (name->type != GEN_DNS)
            continue;
        if (!append(list, ASN1_STRING_get0_data(name->d.dNSName),
                (size_t)ASN1_STRING_length(name->d.dNSName)))
            return false;
    }
    return true;
}

char *seed__tls_names_of(X509 *certificate)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate,
        NID_subject_alt_name, NULL, NULL);
    char *list = NULL, *copy = NULL;

    if (append_alternatives(&list, names))
        copy = seed__tls_names_copy(list ? list : "");
    GENERAL_NAMES_free(names);
    seed__release(list);
    return copy;
}

/* True when " TEXT " is in the names. */
static bool has(const char *names, const char *text, size_t length)
{
    const char *at = names;

    while ((at = strchr(at, ' ')) && *++at)
        if (!memcmp(at, text, strnlen(at, length)) && at[length] == ' ')
            return true;
    return false;
}

/* What has one of two spellings of the name. */
static const struct tls_host *find(const struct tls_set *set,
    const char *text, size_t length)
{
    for (unsigned i = 0; i < set->count; i++)
        if (has(set->hosts[i].names, text, length))
            return &set->hosts[i];
    return NULL;
}

/* RFC 6066 3: a name has no dot at its end; Host may have one. */
const struct tls_host *seed__tls_find(const struct tls_set *set,
    struct str name)
{
    char text[256];
    const struct tls_host *host;
    char *dot;

    if (name.length && name.at[name.length - 1] == '.')
        name.length--;
    if (!name.length || name.length >= sizeof text
        || memchr(name.at, ' ', name.length)
        || memchr(name.at, '\0', name.length))
        return NULL;

    for (size_t i = 0; i < name.length; i++)
        text[i] = seed__lower(name.at[i]);
    text[name.length] = '\0';
    host = find(set, text, name.length);
    dot = strchr(text, '.');
    if (host || !dot || dot == text)
        return host;

    /* The asterisk is for one whole label (RFC 6125 6.4.3). */
    *--dot = '*';
    return find(set, dot, name.length - (size_t)(dot - text));
}
