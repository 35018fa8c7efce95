# SPDX-License-Identifier: MIT
"""What two views of the same bytes differ in, as far as it is a danger: that
libseed is stricter is none."""

PARTS = ("method", "target", "fields", "body")


def differences(ours, theirs):
    """Pairs of a word and a message's place: a part in which both differ;
    "accepted", when node does not accept it; "fewer", when node sees one more
    and libseed has refused nothing. Behind a body that differs, and behind
    what one of them refused, the rest means nothing."""
    for at, one in enumerate(ours.messages):
        if at == len(theirs.messages):
            yield "accepted", at
            return
        other = theirs.messages[at]
        yield from ((part, at) for part in PARTS
                    if getattr(one, part) != getattr(other, part))
        if one.body != other.body:
            return
    if len(theirs.messages) > len(ours.messages) and not ours.refused:
        yield "fewer", len(ours.messages)
