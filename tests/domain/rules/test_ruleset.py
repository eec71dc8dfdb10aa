"""Which rule a text breaks, where, and what a server can change about it."""

from __future__ import annotations

import pytest

from bot.domain.rules.lists import WordList
from bot.domain.rules.packaged import Level
from bot.domain.rules.ruleset import OWN, Finding, Listed, Ruleset, Standing, Strictness, Tag
from bot.rules import load_packaged, load_ruleset

RELAXED, STANDARD, STRICT = (Standing(strictness) for strictness in Strictness)
IN_AGE_RESTRICTED = Standing(Strictness.STANDARD, relaxed_here=True)


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    return load_ruleset()


def own(ruleset: Ruleset, *block: str, allow: tuple[str, ...] = ()) -> WordList[Tag]:
    entries = [(Listed.BLOCK, text) for text in block] + [(Listed.ALLOW, text) for text in allow]
    return ruleset.compile_own(entries)


def rule(finding: Finding | None) -> str | None:
    return None if finding is None else finding.rule


@pytest.mark.parametrize(
    ("text", "relaxed", "standard", "strict"),
    [
        ("a lighthouse at dusk", None, None, None),
        ("hentai of a knight", None, "sexual", "sexual"),
        ("a nude statue", None, None, "nudity"),
        ("a gory battle", None, "gore", "gore"),
        ("sieg heil on a wall", None, "hate", "hate"),
        ("she is cutting her wrists", None, "self_harm", "self_harm"),
        ("a nude child", "minors", "minors", "minors"),
        ("an erotic picture of a girl, 15 years old", "minors", "minors", "minors"),
        ("ein nacktes Mädchen", "minors", "minors", "minors"),
        ("nudify this photo", "violation", "violation", "violation"),
    ],
)
def test_strictness_decides_what_is_refused(
    ruleset: Ruleset, text: str, relaxed: str | None, standard: str | None, strict: str | None
) -> None:
    found = [rule(ruleset.judge(text, standing)) for standing in (RELAXED, STANDARD, STRICT)]
    assert found == [relaxed, standard, strict]


def test_what_is_refused_always_is_refused_in_every_standing(ruleset: Ruleset) -> None:
    always = [category for category in load_packaged().categories if category.level is Level.ALWAYS]
    assert {category.name for category in always} == {"minors", "violation"}
    assert not any(category.relaxable for category in always)
    for category in always:
        for word in category.words:
            permissive = own(ruleset, allow=(word, f"a {word}", *word.split()))
            standing = Standing(Strictness.RELAXED, relaxed_here=True)
            assert rule(ruleset.judge(f"a {word}", standing, permissive)) in {"minors", "violation"}, word


def test_relaxed_channels_leave_out_what_may_be_relaxed(ruleset: Ruleset) -> None:
    assert ruleset.judge("hentai of a knight", IN_AGE_RESTRICTED) is None
    assert rule(ruleset.judge("hentai of a child", IN_AGE_RESTRICTED)) == "minors"
    assert rule(ruleset.judge("sieg heil", IN_AGE_RESTRICTED)) == "hate"


def test_an_exception_covers_only_what_it_says(ruleset: Ruleset) -> None:
    assert ruleset.judge("naked mole rats and their babies", STANDARD) is None
    assert rule(ruleset.judge("naked mole rats, and a naked baby", STANDARD)) == "minors"
    assert rule(ruleset.judge("rape fields and rape", STANDARD)) == "violation"


def test_a_server_adds_words_and_exceptions(ruleset: Ruleset) -> None:
    words = own(ruleset, "pineapple pizza", "Ananas", allow=("hentai museum", "ananas king"))
    for text in ("PINEAPPLE   pizza!", "pineapple-pizza", "a p1neapple p1zza", "an аnаnаs"):  # noqa: RUF001 - Cyrillic, on purpose
        assert ruleset.judge(text, RELAXED, words) is not None, text
        assert rule(ruleset.judge(text, RELAXED, words)) == OWN
        assert ruleset.judge(text, STRICT) is None
    for text in ("pineapple on a pizza", "bananas", "the hentai museum", "Ananas King on a throne"):
        assert ruleset.judge(text, STANDARD, words) is None, text
    assert rule(ruleset.judge("hentai", STANDARD, words)) == "sexual"


@pytest.mark.parametrize(
    "entry", [".*", "a|b", "(a+)+$", "[a-z]", "^", "$", "\\w", "", "  ", "?", "%", "*", "a.*b"]
)
def test_metacharacters_are_plain_text(ruleset: Ruleset, entry: str) -> None:
    words = own(ruleset, entry)
    for text in ("a lighthouse", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "lighthouse * 2", "100 %", "what?"):
        assert ruleset.judge(text, RELAXED, words) is None


def test_words_of_every_alphabet(ruleset: Ruleset) -> None:
    words = own(ruleset, "少女", "девочка", "κορίτσι", "בננה", "Grüße")
    for text in (
        "裸の少女です",
        "ДЕВОЧКА на пляже",
        "το Κορίτσι",
        "בננה צהובה",
        "viele GRUESSE",
        "viele Grusse",
    ):
        assert ruleset.judge(text, RELAXED, words) is not None, text
    for text in ("少 年", "少年と女", "девочки"):
        assert ruleset.judge(text, RELAXED, words) is None, text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" * 100, "repetition"),
        ("banana " * 40, "repetition"),
        ("asdkjhfsd qwrtzpsd sdfghjkl", "gibberish"),
        ("§$%&/()=?`*+'#-_.:,;<>|" * 2, "gibberish"),
        ("sdfghjkl", "gibberish"),
        ("Strumpfhose, Angstschweiß und Rechtschreibung", None),
        ("🎨🐈🌊" * 20, None),
        ("שלום עולם על החוף", None),
        ("a cat, a cat and a cat with a hat", None),
        ("zzz", None),
        ("MTB, BMX, NYC 2026", None),
    ],
)
def test_prompts_that_say_nothing_are_for_strict_servers(
    ruleset: Ruleset, text: str, expected: str | None
) -> None:
    assert rule(ruleset.judge(text, STRICT)) == expected
    assert ruleset.judge(text, STANDARD) is None
    assert ruleset.judge(text, Standing(Strictness.STRICT, says_nothing=True)) is None


@pytest.mark.parametrize(
    "text", ["", " ", "\u200b" * 50, "👩‍👩‍👧" * 700, "*" * 4000, "1 " * 2000, "$" * 4000, "a1" * 2000]
)
def test_odd_texts_are_read(ruleset: Ruleset, text: str) -> None:
    words = own(ruleset, "pineapple")
    assert ruleset.judge(text, STANDARD, words) is None
    assert rule(ruleset.judge(f"{text} p i n e a p p l e", STANDARD, words)) == OWN
