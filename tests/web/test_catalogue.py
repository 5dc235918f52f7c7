from __future__ import annotations

import re

from web.catalogue import MO, PO, gather, mo_bytes, po_bytes, read_catalogue, untranslated, updated

PLACE = re.compile(r"%\((\w+)\)s")


def messages() -> set[str]:
    found = (message for _, message, _ in gather())
    return {part for message in found for part in (message if isinstance(message, tuple) else (message,))}


def test_the_catalogue_on_disk_is_what_the_sources_say() -> None:
    assert PO.read_bytes() == po_bytes(updated())


def test_the_compiled_catalogue_is_fresh() -> None:
    assert MO.read_bytes() == mo_bytes(read_catalogue())


def test_everything_is_translated() -> None:
    assert untranslated(read_catalogue()) == []


def test_translations_have_the_places_of_their_source() -> None:
    wrong = []
    for message in read_catalogue():
        if not message.id:
            continue
        source = message.id[0] if isinstance(message.id, tuple) else message.id
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set(PLACE.findall(source))
        # A singular form may say "one" in words.
        if any(
            set(PLACE.findall(text)) - wanted or wanted - set(PLACE.findall(text)) - {"num"}
            for text in strings
        ):
            wrong.append(source)

    assert wrong == []


def test_translations_hold_no_chinese() -> None:
    strings = (
        text
        for message in read_catalogue()
        if message.id
        for text in (message.string if isinstance(message.string, tuple) else (message.string,))
    )

    assert [text for text in strings if re.search("[\u4e00-\u9fff，。：、]", text)] == []


def test_sentences_raised_by_models_are_gathered() -> None:
    assert "没有这个场景。" in messages()


def test_sentences_in_templates_and_views_are_gathered() -> None:
    assert {"谁能解决我的场景", "这一步由另一方来做。"} <= messages()
