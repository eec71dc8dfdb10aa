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


CLEAR = [  # nothing but noise: refused everywhere
    ("a" * 100, "repetition"),
    ("X" * 4000, "repetition"),
    ("1 " * 2000, "repetition"),
    ("a1" * 2000, "repetition"),
    ("haha" * 10, "repetition"),
    ("asdf" * 20 + "as", "repetition"),
    ("о" * 60, "repetition"),  # noqa: RUF001 - Cyrillic
    ("asdkjhfsd qwrtzpsd sdfghjkl", "gibberish"),
    ("sdfghjklsdfghjklqwrtzp", "gibberish"),
    ("xkcdqwrt bvnmklpt, hgfdsrtz!", "gibberish"),
]
MOSTLY = [  # for strict servers
    ("banana " * 40, "repetition"),
    ("cats " * 30, "repetition"),
    ("a cat " + "x" * 60, "repetition"),
    ("*" * 4000, "repetition"),
    ("§$%&/()=?`*+'#-_.:,;<>|" * 2, "gibberish"),
    ("sdfghjkl", "gibberish"),
    ("a cat asdkjhfsd qwrtzpsd sdfghjkl", "gibberish"),
]
SENSE = [
    "Strumpfhose, Angstschweiß und Rechtschreibung",
    "🎨🐈🌊" * 20,
    "שלום עולם על החוף",
    "a cat, a cat and a cat with a hat",
    "zzz",
    "MTB, BMX, NYC 2026",
    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25",
]


@pytest.mark.parametrize("strictness", list(Strictness))
@pytest.mark.parametrize(("text", "expected"), CLEAR)
def test_prompts_that_say_nothing_are_refused_everywhere(
    ruleset: Ruleset, text: str, expected: str, strictness: Strictness
) -> None:
    assert rule(ruleset.judge(text, Standing(strictness))) == expected
    assert rule(ruleset.judge(text, Standing(strictness, relaxed_here=True))) == expected
    assert ruleset.judge(text, Standing(strictness, says_nothing=True)) is None
    assert ruleset.judge(f"a lighthouse {text}", STANDARD) is None  # it says something
    assert rule(ruleset.judge(text, Standing(strictness), before="In the style of a comic.")) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [*MOSTLY, *((text, None) for text in SENSE)], ids=lambda value: str(value)[:20]
)
def test_prompts_that_say_little_are_for_strict_servers(
    ruleset: Ruleset, text: str, expected: str | None
) -> None:
    assert rule(ruleset.judge(text, STRICT)) == expected
    assert ruleset.judge(text, STANDARD) is None
    assert ruleset.judge(text, RELAXED) is None
    assert ruleset.judge(text, Standing(Strictness.STRICT, says_nothing=True)) is None


@pytest.mark.parametrize(
    "text", ["", " ", "\u200b" * 50, "👩‍👩‍👧" * 700, "*" * 4000, "1 " * 2000, "$" * 4000, "a1" * 2000]
)
def test_odd_texts_are_read(ruleset: Ruleset, text: str) -> None:
    words = own(ruleset, "pineapple")
    assert rule(ruleset.judge(text, STANDARD, words)) in (None, "repetition")
    assert rule(ruleset.judge(f"{text} p i n e a p p l e", STANDARD, words)) == OWN
