"""Text as it may be stored: what no database column and no page can carry is taken out here, and only that. And the one
definition of which language a text is in.
"""

import re
import unicodedata

HAN_SHARE = 0.2
"""From this share of Han characters among letters on a text is Chinese: Chinese technical text has many Latin names."""

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LINE_ENDS = re.compile(r"\r\n?")
_KEPT_CONTROLS = "\n\t"


def storable(text: str) -> str:
    """The text without NUL and other control characters, lone surrogates replaced, NFC, blanks at both ends cut.

    PostgreSQL refuses NUL and UTF-8 has no lone surrogates; everything else is kept as written. Doing it twice changes
    nothing.
    """
    text = _LINE_ENDS.sub("\n", text)
    if not text.isprintable():
        # Two halves of one character join again, a lone half becomes U+FFFD.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        text = "".join(c for c in text if c in _KEPT_CONTROLS or unicodedata.category(c) != "Cc")
    return unicodedata.normalize("NFC", text).strip()


def language_of(text: str) -> str:
    """`zh` from HAN_SHARE of Han characters among the letters on, else `en`; digits and marks do not count."""
    n_letters = sum(c.isalpha() for c in text)
    return "zh" if n_letters and len(_HAN.findall(text)) / n_letters >= HAN_SHARE else "en"
