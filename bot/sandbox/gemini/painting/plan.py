"""Reads a prompt as words and decides what the picture shows.

The same words and the same random source give the same plan. Words that mean nothing here still count:
they are what the random source is seeded with.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from bot.sandbox.gemini.painting.colours import NAMED, Colour

_WORD = re.compile(r"[^\W\d_]+")

_MOODS = {
    "day": "day sunny noon morning summer bright spring",
    "dusk": "dusk sunset evening twilight",
    "dawn": "dawn sunrise daybreak",
    "night": "night midnight moon moonlight moonlit stars starry nocturnal neon",
    "storm": "storm stormy rain rainy thunder lightning cloudy",
    "snow": "snow snowy winter ice frozen arctic",
    "fog": "fog foggy mist misty haze",
    "golden": "autumn fall desert savanna savannah harvest",
    "space": "space galaxy planet cosmos cosmic nebula astronaut alien mars",
}
_GROUNDS = {
    "sea": "sea ocean coast beach harbour harbor lake water wave island river shore bay underwater",
    "city": "city town street skyline building skyscraper downtown tokyo paris york london cyberpunk",
    "forest": "forest wood jungle pine woodland",
    "mountains": "mountain alp peak alpine cliff volcano himalaya",
    "desert": "desert dune sahara sand canyon",
    "hills": "hill meadow field valley countryside garden farm village grass park",
    "space": "space galaxy planet cosmos cosmic nebula mars",
}
_SUBJECTS = {
    "lighthouse": "lighthouse beacon",
    "cat": "cat kitten kitty tabby feline",
    "dog": "dog puppy hound wolf corgi",
    "fox": "fox",
    "house": "house cottage cabin hut home barn",
    "castle": "castle fortress palace tower",
    "boat": "boat ship sailboat yacht sail",
    "tree": "tree oak maple cherry",
    "balloon": "balloon airship zeppelin",
    "rocket": "rocket spaceship spacecraft astronaut",
    "robot": "robot android mech automaton",
    "flower": "flower tulip rose daisy sunflower bouquet blossom",
    "birds": "bird seagull crow swallow flock owl",
    "fish": "fish whale shark dolphin koi",
    "mushroom": "mushroom toadstool",
    "planet": "planet saturn moonbase galaxy",
}
_IN_THE_SKY = frozenset({"balloon", "rocket", "birds", "planet"})
_GEOMETRIC = ("arch", "discs", "totem")


def _index(table: dict[str, str]) -> dict[str, str]:
    return {word: value for value, words in table.items() for word in words.split()}


_MOOD_OF, _GROUND_OF, _SUBJECT_OF = _index(_MOODS), _index(_GROUNDS), _index(_SUBJECTS)


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing in the picture; `colour` is the one that the prompt gave it, `many` that it said several."""

    name: str
    colour: Colour | None = None
    many: bool = False

    @property
    def in_the_sky(self) -> bool:
        """Whether it floats above the horizon."""
        return self.name in _IN_THE_SKY


@dataclass(frozen=True, slots=True)
class Plan:
    """What to paint: a mood with an optional tint, far scenery, the ground, and the subjects."""

    mood: str
    tint: Colour | None
    weather: str
    backdrop: str
    ground: str
    subjects: tuple[Subject, ...]
    moon: bool


def words_of(text: str) -> list[str]:
    """The words of a prompt in lower case."""
    return [word.lower() for word in _WORD.findall(text)]


def subjects_in(words: list[str]) -> list[Subject]:
    """The things that the words name, each once, with the colour written shortly before it."""
    found: dict[str, Subject] = {}
    for index, word in enumerate(words):
        name = _look_up(_SUBJECT_OF, word)
        if name is not None and name not in found:
            before = [NAMED[w] for w in words[max(0, index - 2) : index] if w in NAMED]
            found[name] = Subject(name, before[-1] if before else None, many=word not in _SUBJECT_OF)
    return list(found.values())


def plan(text: str, rng: random.Random) -> Plan:
    """Decide on a scene for this prompt."""
    words = words_of(text)
    subjects = subjects_in(words)
    moods = sorted(_all(_MOOD_OF, words), key=lambda mood: mood in ("golden", "space"))  # a time of day wins
    grounds = _all(_GROUND_OF, words)
    if "snow" in moods and not grounds:
        grounds = [rng.choice(("hills", "mountains"))]
    if not grounds and not subjects:
        subjects = [Subject(rng.choice(_GEOMETRIC))]
    used = {subject.colour for subject in subjects}
    colours = [NAMED[word] for word in words if word in NAMED and NAMED[word] not in used]
    names = {subject.name for subject in subjects}
    if names & {"boat", "fish"} and "sea" not in grounds:
        grounds = ["sea", *grounds]
    if not grounds:
        grounds = [_usual_ground(names, rng)]
    mood = moods[0] if moods else _usual_mood(grounds[0], rng)
    ground = grounds[0]
    backdrop = grounds[1] if len(grounds) > 1 else _usual_backdrop(ground, rng)
    if ground in ("mountains", "city") and "sea" in grounds:
        ground, backdrop = "sea", ground
    return Plan(
        mood=mood,
        tint=colours[0] if colours else None,
        weather=next((m for m in moods if m in ("storm", "snow", "fog")), ""),
        backdrop=backdrop,
        ground=ground,
        subjects=tuple(subjects[:3]),
        moon=mood in ("night", "space"),
    )


def _usual_ground(subjects: set[str], rng: random.Random) -> str:
    if "lighthouse" in subjects:
        return "sea"
    if subjects & {"rocket", "planet"}:
        return rng.choice(("desert", "space", "mountains"))
    if subjects & {"mushroom"}:
        return "forest"
    return rng.choice(("hills", "hills", "sea", "mountains", "desert"))


def _usual_mood(ground: str, rng: random.Random) -> str:
    if ground == "space":
        return "space"
    if ground == "city":
        return rng.choice(("dusk", "night", "rosy", "golden"))
    return rng.choice(("day", "dusk", "dawn", "golden", "mint", "rosy"))


def _usual_backdrop(ground: str, rng: random.Random) -> str:
    if ground == "space":
        return ""
    return rng.choice({"sea": ("hills", "mountains", "")}.get(ground, ("mountains", "hills")))


def _all(table: dict[str, str], words: list[str]) -> list[str]:
    found = (_look_up(table, word) for word in words)
    return list(dict.fromkeys(value for value in found if value is not None))


def _look_up(table: dict[str, str], word: str) -> str | None:
    for form in (word, word.removesuffix("s"), word.removesuffix("es")):
        if form in table:
            return table[form]
    return None
