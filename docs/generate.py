#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turns the public headers into pages. The headers are the manual; nothing is
written twice.

    docs/generate.py --markdown docs/api    one page a header, and an index
    docs/generate.py --man DIR              one manual page a documented block
    docs/generate.py --check docs/api       complains about what is not
                                            documented, and about old pages

A header is a row of blocks with blank lines between them: a comment and what
it documents, or a comment alone, which is prose."""
import argparse
import glob
import os
import re
import sys

NAME = re.compile(r"(\bSEED_API\b[^;(]*?\b(?P<call>seed_\w+)\s*\("
                  r"|^static inline [^;({]*?\b(?P<inline>seed_\w+)\s*\("
                  r"|#define (?P<macro>(?:seed|SEED)_\w+)"
                  r"|typedef [^;{]*?\b(?P<function>seed_\w+)\s*\("
                  r"|typedef [^;{}]*?\b(?P<type>seed_\w+);"
                  r"|^\} (?P<struct>seed_\w+);"
                  r"|^(?:typedef )?(?:struct|enum) (?P<tag>seed_\w+)\s*\{)",
                  re.M)
HIDDEN = ("SEED_BEGIN_C", "SEED_END_C", "SEED_API", "SEED_PRINTF", "SEED_X",
          "SEED_LOG_CALL", "SEED_LOG_LINE", "SEED_LOG_FIRST", "SEED_LOG_REST",
          "SEED_LOG_LOAD")


class Block:
    """A comment, the code under it, and the names which that code declares."""

    def __init__(self, lines):
        text = "\n".join(lines)
        found = re.match(r"/\*.*?\*/", text, re.S)
        self.comment = found.group(0) if found else ""
        self.code = text[len(self.comment):].strip("\n")
        # What an inline function does is for the compiler.
        if re.match(r"static inline|template", self.code):
            self.code = re.sub(r"\n\{.*", ";", self.code, flags=re.S)
        self.names = []
        for match in NAME.finditer(re.sub(r"/\*.*?\*/", "", self.code,
                                          flags=re.S)):
            name = next(filter(None, match.groupdict().values()))
            if name not in self.names:
                self.names.append(name)
        self.plumbing = self.code.startswith("template") or \
            bool(self.names) and self.names[0] in HIDDEN
        # The functions behind macros are named by what the user writes.
        self.names = [name for name in self.names if name not in HIDDEN and
                      re.sub(r"_(at|sized)$", "", name) not in
                      (set(self.names) - {name})]

    def heading(self):
        found = re.match(r"/\* --- (.*?) -+ \*/$", self.comment)
        return found.group(1) if found and not self.code else None

    def prose(self):
        """The comment as lines without its stars; the first may be bare."""
        text = re.sub(r"^/\*\*?|\*/$", "", self.comment)
        lines = [re.sub(r"^ ?\* ?", "", line)
                 for line in text.strip().split("\n")]
        body = [line for line in lines[1:] if line.strip()]
        indent = min((len(line) - len(line.lstrip()) for line in body),
                     default=0)
        return lines[:1] + [line[indent:].rstrip() for line in lines[1:]]

    def parts(self):
        """("text" | "code" | "item" | "table", lines) in their order."""
        parts, gap = [], True
        for line in self.prose():
            item = re.match(r"([\w.,/ ]{1,24}?)  +(\S.*)$", line)
            last = parts[-1] if parts else (None, None)
            if not line.strip():
                gap = True
                if last[0] == "code":
                    last[1].append("")
                continue
            if line.startswith("|"):
                kind, text = "table", line
            elif line.startswith("    ") and (gap or last[0] == "code"):
                kind, text = "code", line
            elif item and not line.startswith(" "):
                kind, text = "item", (item.group(1), [item.group(2)])
            elif last[0] == "item" and line.startswith(" ") and not gap:
                last[1][-1][1].append(line.strip())
                continue
            else:
                kind, text = "text", line.strip()
            if kind != last[0] or (kind == "text" and gap):
                parts.append((kind, []))
            parts[-1][1].append(text)
            gap = False
        return parts


def blocks(path):
    text = open(path, encoding="utf-8").read()
    text = re.sub(r"^(/\* SPDX.*|#ifndef SEED_\w*H\n#define.*|#include.*|"
                  r"SEED_(BEGIN|END)_C)$", "", text, flags=re.M)
    text = re.sub(r"\n#endif\s*$", "\n", text)
    gathered, level, comment = [], 0, False
    for line in text.split("\n") + [""]:
        if not line.strip() and not comment and level == 0:
            if gathered:
                yield Block(gathered)
            gathered = []
            continue
        gathered.append(line)
        comment = (comment or "/*" in line) and "*/" not in line
        bare = re.sub(r"/\*.*?\*/|#define.*", "", line)
        level += bare.count("{") - bare.count("}")


def dedent(lines):
    while lines and not lines[-1]:
        lines = lines[:-1]
    indent = min(len(line) - len(line.lstrip()) for line in lines if line)
    return [line[indent:] for line in lines]


def markdown_parts(block):
    for kind, lines in block.parts():
        if kind == "code":
            yield "```c\n" + "\n".join(dedent(lines)) + "\n```"
        elif kind == "item":
            yield "\n".join(f"* `{name}`: {' '.join(words)}"
                            for name, words in lines)
        elif kind == "table":
            yield "\n".join(lines)
        else:
            yield "\n".join(lines)


def page(path):
    header = path[len("include/"):]
    out = [f"# `<{header}>`",
           "Made from the header by `make docs`; change it there."]
    for block in blocks(path):
        if block.plumbing:
            continue
        if block.heading():
            out.append(f"## {block.heading().capitalize()}")
            continue
        if block.names:
            out.append("## " + ", ".join(f"`{name}`" for name in block.names))
        out.extend(markdown_parts(block))
        if block.code.strip():
            out.append("```c\n" + block.code.strip("\n") + "\n```")
    return "\n\n".join(part for part in out if part.strip()) + "\n"


def stem(path):
    return os.path.basename(path)[:-2]


def index(headers):
    rows = ["# The public interface", "Made from the headers by `make docs`. "
            "Start with [`<seed.h>`](seed.md): conventions and a program.",
            "| name | header |\n|---|---|"]
    names = sorted({(name, stem(path)) for path in headers
                    for block in blocks(path) for name in block.names})
    rows[-1] += "".join(f"\n| `{name}` | [{home}]({home}.md) |"
                        for name, home in names)
    return "\n\n".join(rows) + "\n"


def all_pages(headers):
    pages = {stem(path) + ".md": page(path) for path in headers}
    pages["README.md"] = index(headers)
    return pages


def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.M)


def manual(block, header):
    title, *others = block.names
    summary = " ".join(block.prose()).split(". ")[0].strip().rstrip(".")
    out = [f'.TH {title.upper()} 3 "" libseed "libseed manual"', ".SH NAME",
           roff(", ".join(block.names) + " - " + summary[:120]),
           ".SH SYNOPSIS", ".nf", roff(f"#include <{header}>"), "",
           roff(re.sub(r"\bSEED_API ", "", block.code)), ".fi",
           ".SH DESCRIPTION"]
    for kind, lines in block.parts():
        if kind in ("code", "table"):
            out += [".PP", ".in +4n", ".nf", roff("\n".join(dedent(lines))),
                    ".fi", ".in"]
        elif kind == "item":
            for name, words in lines:
                out += [".TP", f".B {roff(name)}", roff(" ".join(words))]
        else:
            out += [".PP", roff("\n".join(lines))]
    out += [".SH SEE ALSO", roff(f"<{header}>, the whole of the topic")]
    pages = {f"{title}.3": "\n".join(out) + "\n"}
    pages.update({f"{name}.3": f".so man3/{title}.3\n" for name in others})
    return pages


def manuals(headers):
    pages = {}
    for path in headers:
        for block in blocks(path):
            block.names = [name for name in block.names
                           if name.startswith("seed_")]
            if block.names:
                pages.update(manual(block, path[len("include/"):]))
    return pages


def write(folder, pages):
    os.makedirs(folder, exist_ok=True)
    for name, text in pages.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)


def check(folder, headers):
    bad = False
    for path in headers:
        for block in blocks(path):
            if block.names and not block.comment:
                print(f"{path}: not documented: {', '.join(block.names)}")
                bad = True
    pages = all_pages(headers)
    for name, text in sorted(pages.items()):
        path = os.path.join(folder, name)
        if not os.path.exists(path) or open(path,
                                            encoding="utf-8").read() != text:
            print(f"{path} is not what the headers say; run make docs")
            bad = True
    for path in glob.glob(os.path.join(folder, "*")):
        if os.path.basename(path) not in pages:
            print(f"{path} has no header any more")
            bad = True
    return bad


def main():
    asked = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    asked.add_argument("--markdown", metavar="DIR")
    asked.add_argument("--man", metavar="DIR")
    asked.add_argument("--check", metavar="DIR")
    asked = asked.parse_args()
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    headers = ["include/seed.h"] + sorted(glob.glob("include/seed/*.h"))
    if asked.markdown:
        write(asked.markdown, all_pages(headers))
    if asked.man:
        write(asked.man, manuals(headers))
    sys.exit(bool(asked.check) and check(asked.check, headers))


if __name__ == "__main__":
    main()
