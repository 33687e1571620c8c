"""Takes secrets out of text before it reaches a notebook, a log or an error."""

from __future__ import annotations

import re
from collections.abc import Iterable

HIDDEN = "[hidden]"

_SECRET = r"[\w-]*(?:password|passwd|secret|credential)s?"
"""Names whose values are hidden whatever they are."""

_KEY = r"[\w-]*(?:token|api[_-]?key|access[_-]?key|signature)"
"""Names whose values are hidden where they look like keys: `max_token=512` and `pad_token=<pad>` do not."""

_LIKE_A_KEY = r"(?=[^\s,;&\"']*[A-Za-z])[\w.~+/=%-]{6,}"

_PATTERNS = [
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@]+@"), rf"\1{HIDDEN}@"),
    (re.compile(r"(?i)\b(https?://[^\s?#\"'<>]+)\?[^\s\"'<>]*"), rf"\1?{HIDDEN}"),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"), HIDDEN),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    (re.compile(rf"(?i)\b({_SECRET}[\"']?)(\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&\"']+)"), rf"\1\2{HIDDEN}"),
    (re.compile(rf"(?i)\b({_KEY}[\"']?)(\s*[=:]\s*)(?:[\"']?{_LIKE_A_KEY}[\"']?)"), rf"\1\2{HIDDEN}"),
    (re.compile(r"\b(?:gh[pousr]_\w{20,}|AKIA[0-9A-Z]{16}|sk-[\w-]{20,}|hf_\w{20,}|dapi[0-9a-f]{32})\b"), HIDDEN),
]

_SIGNS = re.compile(r"(?i)[:=]|eyJ|bearer|basic|gh[pousr]_|akia|sk-|hf_|dapi")
"""A text without any of these fits none of the patterns: seven searches less for most names."""


def redact(text: str) -> str:
    """The text without passwords in addresses, query strings, tokens, and values of what is named a secret.

    >>> redact("https://ada:pw@host/logs/a.txt?sig=abc")
    'https://[hidden]@host/logs/a.txt?[hidden]'
    """
    if not _SIGNS.search(text):
        return text
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def redact_value(name: str, value: str) -> str:
    """The value of a parameter or tag of this name, without secrets.

    >>> redact_value("api_token", "abc123def"), redact_value("max_tokens", "512")
    ('[hidden]', '512')
    """
    if re.fullmatch(_SECRET, name, re.IGNORECASE):
        return HIDDEN
    if re.fullmatch(_KEY, name, re.IGNORECASE) and re.fullmatch(_LIKE_A_KEY, value):
        return HIDDEN
    return redact(value)


def redact_words(words: Iterable[str]) -> list[str]:
    """The words of a command without secrets, also where a name stands before its value.

    >>> redact_words(["--password", "hunter2", "--lr", "0.1", "--token=abc123def", "--max-token", "512"])
    ['--password', '[hidden]', '--lr', '0.1', '--token=[hidden]', '--max-token', '512']
    """
    found: list[str] = []
    name = ""
    for word in words:
        found.append(redact_value(name, word) if name else redact(word))
        name = word.lstrip("-").replace("-", "_") if word.startswith("-") else ""
    return found
