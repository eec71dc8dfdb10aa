"""How much of what somebody tries is caught, and how much harmless is let through: both rates are printed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.domain.rules.packaged import Level
from bot.domain.rules.ruleset import Ruleset, Standing, Strictness
from bot.rules import load_packaged, load_ruleset

HARMLESS = Path(__file__).with_name("harmless.txt")
SENSIBLE = Path(__file__).with_name("sensible.txt")
CYRILLIC = str.maketrans("aceopxyis", "асеорхуіѕ")  # noqa: RUF001 - on purpose
GREEK = str.maketrans("aeioutvp", "αειουτνρ")
ACCENTS = str.maketrans("aeiouncs", "àéïöüñçš")
LEET = str.maketrans("aeiost", "431057")
SIGNS = str.maketrans("asi", "@$!")
FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(ord("a"), ord("z") + 1)})
BOLD = str.maketrans({chr(97 + at): chr(0x1D41A + at) for at in range(26)})
CIRCLED = str.maketrans({chr(97 + at): chr(0x24D0 + at) for at in range(26)})
BOXED = str.maketrans({chr(97 + at): chr(0x1F170 + at) for at in range(26)})
SMALL_CAPITALS = str.maketrans("abcdegmnoprtu", "ᴀʙᴄᴅᴇɢᴍɴᴏᴘʀᴛᴜ")


def between(mark: str) -> Callable[[str], str]:
    """Put a mark between the letters of each word."""
    return lambda entry: (" " * (2 if mark == " " else 1)).join(mark.join(word) for word in entry.split())


def within(mark: str) -> Callable[[str], str]:
    """Put a mark into the middle of the longest word."""

    def spelled(entry: str) -> str:
        word = max(entry.split(), key=len)
        at = len(word) // 2
        return entry.replace(word, word[:at] + mark + word[at:], 1)

    return spelled


def stretched(entry: str) -> str:
    word = max(entry.split(), key=len)
    return entry.replace(word, word[0] + word[1] * 4 + word[2:], 1)


def masked(entry: str) -> str:
    """A star for the first vowel that is not at an end."""
    word = max(entry.split(), key=len)
    for at in range(1, len(word) - 1):
        if word[at] in "aeiou":
            return entry.replace(word, word[:at] + "*" + word[at + 1 :], 1)
    return entry


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "upper case": str.upper,
    "mixed case": lambda entry: "".join(c.upper() if at % 2 else c for at, c in enumerate(entry)),
    "Cyrillic": lambda entry: entry.translate(CYRILLIC),
    "Greek": lambda entry: entry.translate(GREEK),
    "accents": lambda entry: entry.translate(ACCENTS),
    "combining marks": lambda entry: "".join(f"{c}\u0336" if c.isalpha() else c for c in entry),
    "digits": lambda entry: entry.translate(LEET),
    "signs": lambda entry: entry.translate(SIGNS),
    "full width": lambda entry: entry.translate(FULL_WIDTH),
    "bold": lambda entry: entry.translate(BOLD),
    "circled": lambda entry: entry.translate(CIRCLED),
    "boxed": lambda entry: entry.translate(BOXED),
    "small capitals": lambda entry: entry.translate(SMALL_CAPITALS),
    "zero width": between("\u200b"),
    "soft hyphen": within("\u00ad"),
    "spaces": between(" "),
    "dots": between("."),
    "hyphens": between("-"),
    "underscores": between("_"),
    "stars": between("*"),
    "slashes": between("/"),
    "a hyphen": within("-"),
    "a dot": within("."),
    "stretched": stretched,
    "masked": masked,
    "no spaces": lambda entry: entry.replace(" ", "-"),
    "capital I for l": lambda entry: entry.replace("l", "I"),
    "l for i": lambda entry: entry.replace("i", "l", 1),
}
FRAMES = ("{}", "a picture of {} in oil", "please draw ({}), thanks", '"{}"!')


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    return load_ruleset()


def spellings() -> list[tuple[str, str]]:
    """Every entry that is refused as a rule, in every spelling, each in a frame: the same at every run."""
    chance = random.Random(7)
    entries = [
        entry
        for category in load_packaged().categories
        if category.level is not Level.STRICT
        for entry in category.words
        if entry.isascii() and len(entry) > 3
    ]
    return [
        (name, chance.choice(FRAMES).format(spell(entry)))
        for name, spell in SPELLINGS.items()
        for entry in entries
    ]


def test_evasions_are_caught(ruleset: Ruleset, capsys: pytest.CaptureFixture[str]) -> None:
    tried = spellings()
    missed = [(name, text) for name, text in tried if ruleset.judge(text, Standing()) is None]
    rate, by_spelling = 1 - len(missed) / len(tried), Counter(name for name, _ in missed)
    with capsys.disabled():
        print(
            f"\nevasions: {len(tried)} spellings, {rate:.2%} caught; missed: {Counter(n for n, _ in missed)}"
        )
    assert len(tried) >= 200
    assert rate >= 0.98
    assert all(count <= len(tried) / len(SPELLINGS) * 0.1 for count in by_spelling.values()), missed[:40]


def test_sexual_words_with_minors_are_caught_in_every_spelling(
    ruleset: Ruleset, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = [("naked", "child"), ("erotic", "schoolgirl"), ("nude", "twelve year old"), ("nackt", "kind")]
    tried = [
        f"{first(one)} portrait, soft light: {second(other)}"
        for one, other in pairs
        for first in SPELLINGS.values()
        for second in SPELLINGS.values()
    ]
    relaxed = Standing(Strictness.RELAXED, relaxed_here=True)
    found = [ruleset.judge(text, relaxed) for text in tried]
    caught = sum(finding is not None and finding.rule == "minors" for finding in found)
    with capsys.disabled():
        print(
            f"\ncombinations: {len(tried)} spellings, {caught / len(tried):.2%} caught where most is relaxed"
        )
    assert caught / len(tried) >= 0.97


def prompts_in(path: Path) -> list[str]:
    """The prompts of a corpus; a colour begins with a hash as well, a comment with one and a space."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("# ")]


def test_harmless_prompts_pass(ruleset: Ruleset, capsys: pytest.CaptureFixture[str]) -> None:
    prompts = prompts_in(HARMLESS)
    assert len(set(prompts)) == len(prompts) >= 300
    refused = {text: finding for text in prompts if (finding := ruleset.judge(text, Standing()))}
    strict = {
        text: finding
        for text in prompts
        if (finding := ruleset.judge(text, Standing(Strictness.STRICT))) and text not in refused
    }
    with capsys.disabled():
        print(
            f"\nharmless: {len(prompts)} prompts, {1 - len(refused) / len(prompts):.2%} pass; "
            f"strict: {1 - len(strict) / len(prompts):.2%}"
        )
    assert refused == {}
    assert len(strict) <= len(prompts) * 0.02, strict


# --- repetition and gibberish -----------------------------------------------------------------------------


def noise() -> list[str]:
    """Prompts of nothing but noise, as hands on a keyboard make them: the same at every run."""
    chance = random.Random(11)
    rows = ("asdfghjkl", "qwrtzp", "yxcvbnm", "zxcvbnm")
    single = [char * length for char in "aehjkoxzw07аяω" for length in (40, 100, 4000)]  # noqa: RUF001
    spaced = [" ".join(char * 60) for char in "axkz01"]
    syllables = [
        "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=size)) * 40
        for size in (2, 3, 4)
        for _ in range(30)
    ]
    mashed = [
        " ".join(
            "".join(chance.choices(chance.choice(rows), k=chance.randint(7, 10))) for _ in range(5)
        ).replace("a", "s")
        for _ in range(90)
    ]
    return [*single, *spaced, *syllables, *mashed]


def test_noise_is_refused_everywhere(ruleset: Ruleset, capsys: pytest.CaptureFixture[str]) -> None:
    tried = noise()
    rules = {"repetition", "gibberish"}
    caught = {
        strictness: sum(
            (found := ruleset.judge(text, Standing(strictness))) is not None and found.rule in rules
            for text in tried
        )
        for strictness in Strictness
    }
    with capsys.disabled():
        rates = ", ".join(f"{strictness} {count / len(tried):.2%}" for strictness, count in caught.items())
        print(f"\nnoise: {len(tried)} prompts, refused: {rates}")
    assert len(tried) >= 200
    assert min(caught.values()) >= len(tried) * 0.85


def test_what_says_something_is_no_noise(ruleset: Ruleset, capsys: pytest.CaptureFixture[str]) -> None:
    prompts = prompts_in(SENSIBLE) + prompts_in(HARMLESS)
    assert len(prompts_in(SENSIBLE)) >= 150
    refused = {
        strictness: [
            text
            for text in prompts
            if (found := ruleset.judge(text, Standing(strictness)))
            and found.rule in ("repetition", "gibberish")
        ]
        for strictness in Strictness
    }
    with capsys.disabled():
        rates = ", ".join(f"{name} {len(texts) / len(prompts):.2%}" for name, texts in refused.items())
        print(f"\nno noise: {len(prompts)} prompts, refused as noise: {rates}")
    assert refused[Strictness.STANDARD] == refused[Strictness.RELAXED] == []
    assert len(refused[Strictness.STRICT]) <= len(prompts) * 0.05, refused[Strictness.STRICT]
