# SPDX-License-Identifier: MIT
"""Why libseed may accept what node refuses, or end a connection on which node
goes on. A reason is a cause: it explains a difference only when the same bytes
without it make none, and libseed takes them for the same as before. So it hides
nothing else that is in the bytes."""
import re
from collections import namedtuple

from compare import differences

# without: the bytes without the cause. docs/reliability.md tells why.
Reason = namedtuple("Reason", "name rfc without")


def replace(pattern, by):
    """As often as it is found, also in what a replacement has left."""
    found = re.compile(pattern, re.I)

    def without(data):
        while (changed := found.sub(by, data)) != data:
            data = changed
        return data
    return without


def spaces_for_tabs(match):
    return match[0].replace(b"\t", b" ")


def no_blanks(match):
    return re.sub(rb"[ \t]*([;=])[ \t]*", rb"\1", match[0])


REASONS = (
    Reason("HTTP/1.2 to 1.9", "RFC 9110 2.5",
           replace(rb" HTTP/1\.[2-9](?=\r\n)", b" HTTP/1.1")),
    Reason("trailers that rule", "RFC 9110 6.5.1",
           replace(rb"(\r\n0+(?:[ \t;][^\r\n]*)?\r\n(?:[^\r\n]+\r\n)*?)"
                   rb"((?:Content-Length|Transfer-Encoding|Connection|Upgrade)"
                   rb":)", rb"\1X-\2")),
    Reason("blanks in chunk extensions", "RFC 9112 7.1.1",
           replace(rb"(?<=\r\n)[0-9a-f]+[ \t]*;[^\r\n]*(?=\r\n)", no_blanks)),
    Reason("Upgrade", "RFC 9110 7.8", replace(rb"\nUpgrade:", b"\nX-Upgrade:")),
    Reason("tabs as blanks", "RFC 9110 5.6.3",
           replace(rb"\n(?:Connection|Transfer-Encoding|Content-Length):"
                   rb"[^\r\n]*\t[^\r\n]*", spaces_for_tabs)),
    Reason("close and keep-alive", "RFC 9112 9.3",
           replace(rb"(\nConnection:[^\r\n]*)keep-alive", rb"\1kept-alive")),
)


def gist(view):
    """What stays the same when a cause is taken away."""
    return [message[:3] for message in view.messages], view.refused


def explains(pair, ours, data):
    views, = pair.play([data])
    return gist(views[0]) == gist(ours) and not list(differences(*views))


def reasons_for(pair, data, ours):
    """The names of what explains that node sees something else: one reason if
    one is enough, else all that are met; none when they do not explain it."""
    met = [reason for reason in REASONS if reason.without(data) != data]
    for reason in met:
        if explains(pair, ours, reason.without(data)):
            return [reason.name]
    rest = data
    for reason in met:
        rest = reason.without(rest)
    return [reason.name for reason in met] \
        if len(met) > 1 and explains(pair, ours, rest) else []
