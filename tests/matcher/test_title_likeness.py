from matcher.title_likeness import nearest, similar_by_words, title_words


def test_titles_that_share_their_words_are_similar_the_most_first() -> None:
    others = {
        1: title_words("窗口材料预审"),
        2: title_words("道路井盖病害识别"),
        3: title_words("巡查车视频识别道路井盖病害并派单"),
    }

    assert similar_by_words("巡查车视频发现道路井盖病害", others, n=3) == (3, 2)


def test_a_shared_trade_alone_is_not_similar() -> None:
    assert (
        similar_by_words("巡查车视频发现道路井盖病害", {1: title_words("视频会议纪要整理与核稿")}, n=3) == ()
    )


def test_an_empty_title_is_like_nothing() -> None:
    assert similar_by_words("", {1: title_words("道路井盖")}, n=3) == ()
    assert similar_by_words("，。", {1: frozenset()}, n=3) == ()


def test_equal_ones_come_by_id_and_no_more_than_asked_for() -> None:
    assert nearest({5: 1.0, 3: 1.0, 4: 2.0, 9: 0.1}, at_least=0.5, n=2) == (4, 3)
