"""Text as it may be stored: what no database column and no page can carry is taken out here, and only that."""

import unicodedata

HAN_SHARE = 0.2
"""From this share of Han characters among letters a text counts as Chinese."""

_KEPT_CONTROLS = "\n\t"


def storable(text: str) -> str:
    """The text without NUL and other control characters, lone surrogates replaced, NFC, blanks at both ends cut.

    PostgreSQL refuses NUL and UTF-8 has no lone surrogates; everything else is kept as written.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    safe = "".join(
        "\ufffd" if "\ud800" <= c <= "\udfff" else c
        for c in text
        if c in _KEPT_CONTROLS or unicodedata.category(c) != "Cc"
    )
    return unicodedata.normalize("NFC", safe).strip()


def language_of(text: str) -> str:
    """`zh` from HAN_SHARE of Han characters among the letters on, else `en`."""
    letters = [c for c in text if c.isalpha()]
    han = sum("\u3400" <= c <= "\u9fff" for c in letters)
    return "zh" if letters and han / len(letters) >= HAN_SHARE else "en"
