"""A language model behind an OpenAI-compatible address (``POST …/chat/completions``).

Who sets the address is trusted; who answers there is not: a redirect is refused, an answer is cut
off in size and time, and nothing of it is anything but text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from vocloop import outgoing
from vocloop.config import Settings
from vocloop.errors import InvalidInputError, VocloopError

# Seconds for one answer as a whole.
PATIENCE = 60.0
LARGEST_ANSWER = 256 * 1024
# Enough for two titles and two summaries, with room for a model that thinks aloud.
MOST_TOKENS = 1_500
# Longest wait, in seconds, that an address may ask for.
LONGEST_WAIT = 3_600.0
_TRY_LATER = {408, 409, 425, 429}


class AnswerError(VocloopError):
    """The language model gave no usable answer.

    ``again``: the same question may be answered later; ``wait``: not before so many seconds, if
    the address said so."""

    def __init__(self, message: str, *, again: bool = False, wait: float | None = None) -> None:
        super().__init__(message)
        self.again = again
        self.wait = wait


@dataclass(frozen=True)
class LanguageModel:
    """``url``: what comes before ``/chat/completions``; ``key`` goes nowhere but to that host."""

    url: str
    name: str
    key: str = ""

    def __repr__(self) -> str:
        return f"LanguageModel({self.url!r}, {self.name!r})"

    def ask(self, instructions: str, question: str) -> str:
        """The model's answer as text. Raises AnswerError."""
        body = {
            "model": self.name,
            "messages": [
                {"role": "system", "content": instructions},
                {"role": "user", "content": question},
            ],
            "temperature": 0,
            "max_tokens": MOST_TOKENS,
        }
        answer = self._post(json.dumps(body).encode())
        if answer.status != HTTPStatus.OK:
            raise _refusal(answer.status, answer.headers)
        if len(answer.body) > LARGEST_ANSWER:
            raise AnswerError(f"the answer is larger than {LARGEST_ANSWER:,} bytes")
        try:
            content = json.loads(answer.body)["choices"][0]["message"]["content"]
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise AnswerError(f"{self.url} did not answer as an OpenAI-compatible API") from error
        if not isinstance(content, str):
            raise AnswerError(f"{self.url} answered without text")
        return content

    def _post(self, body: bytes) -> outgoing.Answer:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        try:
            return outgoing.request(
                "POST",
                f"{self.url}/chat/completions",
                body=body,
                headers=headers,
                # The environment names it, so it may be a machine of our own.
                allowed=[str(urlsplit(self.url).hostname)],
                seconds=PATIENCE,
                most=LARGEST_ANSWER + 1,
            )
        except outgoing.RefusedAddressError as error:
            raise AnswerError(f"VOCLOOP_LANGUAGE_MODEL_URL: {error}") from error
        except outgoing.UnreachableError as error:
            raise AnswerError(f"the language model can't be asked: {error}", again=True) from error


def configured(wishes: Settings) -> LanguageModel | None:
    """The model that the settings name, None when they name none. Raises InvalidInputError for an
    address without a model, and for a key file that can't be read."""
    if not wishes.language_model_url:
        return None
    if not wishes.language_model:
        raise InvalidInputError("VOCLOOP_LANGUAGE_MODEL: name the model of that address")
    key = wishes.language_model_key.get_secret_value() if wishes.language_model_key else ""
    if wishes.language_model_key_file:
        key = _key_in(wishes.language_model_key_file)
    return LanguageModel(wishes.language_model_url, wishes.language_model, key)


def _key_in(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise InvalidInputError(
            f"VOCLOOP_LANGUAGE_MODEL_KEY_FILE: {path} can't be read; make it readable for vocloop"
        ) from error


def _refusal(status: int, headers: Mapping[str, str]) -> AnswerError:
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return AnswerError(
            f"HTTP {status}: redirects are not followed; set VOCLOOP_LANGUAGE_MODEL_URL to the"
            " address that answers"
        )
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return AnswerError(f"HTTP {status}: the key was refused; see VOCLOOP_LANGUAGE_MODEL_KEY")
    again = status in _TRY_LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    # A date there is as good as none.
    told = headers.get("retry-after", "")
    wait = min(float(told), LONGEST_WAIT) if told.isascii() and told.isdigit() else None
    return AnswerError(f"HTTP {status} from the language model", again=again, wait=wait)
