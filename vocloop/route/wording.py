"""What the words of a text say beside its vector: a text that uses the words a department uses of
itself, "invoice" or "DFIR", belongs there, and the rarer the word the surer.

Likeness is the cosine of TF-IDF weights (Salton and Buckley 1988). Rare names, codes and products
are what vectors of meaning blur most; docs/method/routing.md has what each adds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

Floats = NDArray[np.float32]

# A text says what it is about early; the rest of a long mail is quotes and logs.
MOST_CHARACTERS = 4_000
# One word at least, or there would be nothing to weigh.
_ANY = "department"
_HAN, _KANA, _KATA = r"\u3400-\u9fff", r"\u3041-\u309f", r"\u30a1-\u30ff"
_RUN = re.compile(rf"[^\W\d_{_HAN}{_KANA}{_KATA}]{{2,}}|[{_KATA}]{{2,}}|[{_HAN}]+|[{_KANA}]{{2,}}")


def terms(text: str) -> list[str]:
    """Words of ``text`` in any script. Japanese has no spaces: katakana stays whole, as it writes
    names of things, and the rest is taken two characters at a time."""
    found: list[str] = []
    for run in _RUN.findall(unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]).lower()):
        pairs = len(run) > 2 and ("\u3041" <= run[0] <= "\u309f" or "\u3400" <= run[0] <= "\u9fff")
        found += [run[i : i + 2] for i in range(len(run) - 1)] if pairs else [run]
    return found


@dataclass(frozen=True)
class Wording:
    """weigh: texts to TF-IDF weights (n, t), each row of length 1; told: (t, k), what each word
    says of a department, in standard deviations of what texts of this kind say."""

    weigh: TfidfVectorizer
    told: Floats

    def weights(self, texts: Sequence[str]) -> csr_matrix:
        return self.weigh.transform(texts)


def wording(departments: Sequence[str], texts: Sequence[str]) -> Wording:
    """departments: all that each says of itself. texts: of the kind to be routed; they tell which
    words are rare."""
    weigh = TfidfVectorizer(analyzer=terms, sublinear_tf=True)
    # Words that no text here uses, such as those of a description in another language, say nothing.
    weigh.fit([*texts, _ANY])
    told = weigh.transform(departments).toarray().T
    told -= told.mean(axis=1, keepdims=True)
    found = weigh.transform(texts) @ told if texts else np.zeros((0, len(departments)))
    spread = float(np.std(found - found.mean(axis=1, keepdims=True))) if len(found) else 0.0
    return Wording(weigh, np.asarray(told / (spread or 1.0), np.float32))
