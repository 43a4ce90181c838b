"""The modules that a page is made of, so that a browser can ask for all of them at once.

By itself it learns of a module's imports only when it has the module: a round for every step of the way down.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence

_IMPORT = re.compile(rb'\bfrom "(\.{1,2}/[^"]+)"')


def modules_of(files: Mapping[str, bytes], *roots: str) -> Sequence[str]:
    """Names of the files that these import, and those in turn, the roots first; what isn't there is left out.

    >>> modules_of({"a.js": b'import { b } from "./lib/b.js";', "lib/b.js": b'export * from "../a.js";'}, "a.js")
    ['a.js', 'lib/b.js']
    """
    found = dict.fromkeys(name for name in roots if name in files)
    waiting = list(found)
    while waiting:
        name = waiting.pop(0)
        for target in _IMPORT.findall(files[name]):
            needed = posixpath.normpath(posixpath.join(posixpath.dirname(name), target.decode()))
            if needed in files and needed not in found:
                found[needed] = None
                waiting.append(needed)
    return list(found)
