"""Pieces of texts that are written to be slow to read: each again and again."""

MAILS = (
    *("<", "<!--", "<a '", "<script>", "</p>", "&", "いつも", "> ", "--\n", "Hi ", "-\n"),
    "From: a\n",
)
STATEMENTS = ("あ", "a ", "a.", "。", "よろしく", "ご確認の", "A:", "1) ", "お願い")
LETTERS = 200_000


def text_of(piece: str, letters: int = LETTERS) -> str:
    return piece * (letters // len(piece))
