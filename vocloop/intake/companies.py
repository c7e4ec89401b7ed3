"""What two ways of writing one company share."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Of what a company is known by in the database (CustomerAlias). One letter may become eighteen as
# width is taken out (NFKC).
_LONGEST_KEY = 300
# The rows of a file name the same companies again and again.
_NAMES_REMEMBERED = 10_000

_LEGAL_JAPANESE = re.compile(
    r"株式会社|有限会社|合同会社|合資会社|合名会社|一般社団法人|一般財団法人|\((?:株|有|同|資|名|社|財)\)"
)
_LEGAL_LATIN = re.compile(
    r"(?:[\s,.]+(?:inc|incorporated|ltd|limited|co|corp|corporation|company|llc|llp|plc|gmbh|ag|kk"
    r"|k\.k|pte|pty|sa|bv|b\.v))+[\s,.]*$"
)
_BETWEEN = re.compile(r"[\s,.・･'’\"_-]+")


@lru_cache(maxsize=_NAMES_REMEMBERED)
def name_key(name: str) -> str:
    """What two ways to write one company's name share: width, case, spaces and the legal form
    (株式会社, ㈱, Inc.) do not count."""
    plain = unicodedata.normalize("NFKC", name).casefold().strip()
    bare = _LEGAL_LATIN.sub("", _LEGAL_JAPANESE.sub(" ", plain).strip())
    return (_BETWEEN.sub("", bare) or _BETWEEN.sub("", plain) or plain)[:_LONGEST_KEY]


def domain_key(domain: str) -> str:
    """A mail domain as it is compared: ``www.`` and what stands before an @ do not count."""
    plain = unicodedata.normalize("NFKC", domain).casefold().strip().rpartition("@")[2]
    bare = plain.removeprefix("https://").removeprefix("http://").removeprefix("www.")
    return bare.strip("./ ")[:_LONGEST_KEY]
