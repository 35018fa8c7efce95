/* SPDX-License-Identifier: MIT */
/* The words of the protocol. Reasons are those of RFC 9110 and IANA's
 * registry; names are those that restify-errors gives to the same numbers, so
 * 413 and 422 keep the words they had before RFC 9110. */
#include "http/words.h"

#include "base/scan.h"

#include <stdint.h>
#include <string.h>

/* clang-format off */
#define STATUSES(X)                                                           \
    X(100, "Continue", NULL)                                                  \
    X(101, "Switching Protocols", NULL)                                       \
    X(102, "Processing", NULL)                                                \
    X(103, "Early Hints", NULL)                                               \
    X(104, "Upload Resumption Supported", NULL)                               \
    X(200, "OK", NULL)                                                        \
    X(201, "Created", NULL)                                                   \
    X(202, "Accepted", NULL)                                                  \
    X(203, "Non-Authoritative Information", NULL)                             \
    X(204, "No Content", NULL)                                                \
    X(205, "Reset Content", NULL)                                             \
    X(206, "Partial Content", NULL)                                           \
    X(207, "Multi-Status", NULL)                                              \
    X(208, "Already Reported", NULL)                                          \
    X(226, "IM Used", NULL)                                                   \
    X(300, "Multiple Choices", NULL)                                          \
    X(301, "Moved Permanently", NULL)                                         \
    X(302, "Found", NULL)                                                     \
    X(303, "See Other", NULL)                                                 \
    X(304, "Not Modified", NULL)                                              \
    X(305, "Use Proxy", NULL)                                                 \
    X(307, "Temporary Redirect", NULL)                                        \
    X(308, "Permanent Redirect", NULL)                                        \
    X(400, "Bad Request", "BadRequest")                                       \
    X(401, "Unauthorized", "Unauthorized")                                    \
    X(402, "Payment Required", "PaymentRequired")                             \
    X(403, "Forbidden", "Forbidden")                                          \
    X(404, "Not Found", "NotFound")                                           \
    X(405, "Method Not Allowed", "MethodNotAllowed")                          \
    X(406, "Not Acceptable", "NotAcceptable")                                 \
    X(407, "Proxy Authentication Required", "ProxyAuthenticationRequired")    \
    X(408, "Request Timeout", "RequestTimeout")                               \
    X(409, "Conflict", "Conflict")                                            \
    X(410, "Gone", "Gone")                                                    \
    X(411, "Length Required", "LengthRequired")                               \
    X(412, "Precondition Failed", "PreconditionFailed")                       \
    X(413, "Content Too Large", "PayloadTooLarge")                            \
    X(414, "URI Too Long", "UriTooLong")                                      \
    X(415, "Unsupported Media Type", "UnsupportedMediaType")                  \
    X(416, "Range Not Satisfiable", "RangeNotSatisfiable")                    \
    X(417, "Expectation Failed", "ExpectationFailed")                         \
    X(418, "I'm a Teapot", "ImATeapot")                                       \
    X(421, "Misdirected Request", "MisdirectedRequest")                       \
    X(422, "Unprocessable Content", "UnprocessableEntity")                    \
    X(423, "Locked", "Locked")                                                \
    X(424, "Failed Dependency", "FailedDependency")                           \
    X(425, "Too Early", "TooEarly")                                           \
    X(426, "Upgrade Required", "UpgradeRequired")                             \
    X(428, "Precondition Required", "PreconditionRequired")                   \
    X(429, "Too Many Requests", "TooManyRequests")                            \
    X(431, "Request Header Fields Too Large", "RequestHeaderFieldsTooLarge")  \
    X(451, "Unavailable For Legal Reasons", "UnavailableForLegalReasons")     \
    X(500, "Internal Server Error", "InternalServer")                         \
    X(501, "Not Implemented", "NotImplemented")                               \
    X(502, "Bad Gateway", "BadGateway")                                       \
    X(503, "Service Unavailable", "ServiceUnavailable")                       \
    X(504, "Gateway Timeout", "GatewayTimeout")                               \
    X(505, "HTTP Version Not Supported", "HttpVersionNotSupported")           \
    X(506, "Variant Also Negotiates", "VariantAlsoNegotiates")                \
    X(507, "Insufficient Storage", "InsufficientStorage")                     \
    X(508, "Loop Detected", "LoopDetected")                                   \
    X(509, "Bandwidth Limit Exceeded", "BandwidthLimitExceeded")              \
    X(510, "Not Extended", "NotExtended")                                     \
    X(511, "Network Authentication Required",                                 \
        "NetworkAuthenticationRequired")
/* clang-format on */

static const struct entry {
    struct status status;
    struct str line;
} entries[] = {
#define X(code, reason, name)                                                 \
    { { code, reason, name }, STR("HTTP/1.1 " #code " " reason "\r\n") },
    STATUSES(X)
#undef X
};

enum place {
#define X(code, reason, name) PLACE_##code,
    STATUSES(X)
#undef X
};

/* From code - 100 to a place in entries, plus 1. */
static const uint8_t places[500] = {
#define X(code, reason, name) [(code) - 100] = PLACE_##code + 1,
    STATUSES(X)
#undef X
};

static const struct entry *find_entry(int code)
{
    if (code < 100 || code >= 600 || !places[code - 100])
        return NULL;

    return &entries[places[code - 100] - 1];
}

static const struct entry *general_entry(int code)
{
    const struct entry *entry = find_entry(code / 100 * 100);

    return entry ? entry : find_entry(500);
}

const struct status *seed__status(int code)
{
    const struct entry *entry = find_entry(code);

    return entry ? &entry->status : &general_entry(code)->status;
}

struct str seed__status_line(int code, char scratch[64])
{
    const struct entry *entry = find_entry(code);

    if (entry)
        return entry->line;

    /* A code of three digits keeps them and borrows the words. */
    entry = general_entry(code);
    if (code < 100 || code > 999)
        return entry->line;
    memcpy(scratch, entry->line.at, entry->line.length);
    seed__str_decimal(scratch + strlen("HTTP/1.1 "), (unsigned)code);
    return (struct str){ scratch, entry->line.length };
}

/* RFC 9110 9, then the registry; those met most often first. */
static const struct str methods[] = {
    STR("GET"), STR("POST"), STR("HEAD"), STR("PUT"), STR("DELETE"),
    STR("PATCH"), STR("OPTIONS"), STR("CONNECT"), STR("TRACE"), STR("QUERY"),
    STR("ACL"), STR("BASELINE-CONTROL"), STR("BIND"), STR("CHECKIN"),
    STR("CHECKOUT"), STR("COPY"), STR("LABEL"), STR("LINK"), STR("LOCK"),
    STR("MERGE"), STR("MKACTIVITY"), STR("MKCALENDAR"), STR("MKCOL"),
    STR("MKREDIRECTREF"), STR("MKWORKSPACE"), STR("MOVE"), STR("ORDERPATCH"),
    STR("PROPFIND"), STR("PROPPATCH"), STR("REBIND"), STR("REPORT"),
    STR("SEARCH"), STR("UNBIND"), STR("UNCHECKOUT"), STR("UNLINK"),
    STR("UNLOCK"), STR("UPDATE"), STR("UPDATEREDIRECTREF"),
    STR("VERSION-CONTROL"),
};

bool seed__method_known(struct str method)
{
    for (size_t i = 0; i < COUNT(methods); i++) {
        if (seed__str_same(methods[i], method))
            return true;
    }
    return false;
}

bool seed__token_valid(struct str text)
{
    const char *end = text.at + text.length;

    return text.length && seed__scan_class(text.at, end, BYTE_TOKEN) == end;
}

bool seed__field_value_valid(struct str text)
{
    const char *end = text.at + text.length;

    return !text.length || seed__scan_text(text.at, end) == end;
}
