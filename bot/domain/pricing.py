"""What a picture costs, in integer micro-dollars (a dollar is 1,000,000)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.domain.answers import Answer, Usage, Verdict
from bot.domain.catalogue import Model
from bot.domain.requests import Kind, Options

PER = 1_000_000  # prices are per million tokens
INPUT_IMAGE_TOKENS = 1_120  # about what one input image costs (facts-gemini, Nano Banana 2.1)
CHARS_PER_TOKEN = 4
DESCRIPTION_TOKENS = 600  # about what a description takes, with the thoughts before it


def estimate(
    model: Model, options: Options, prompt: str, references: int = 0, *, kind: Kind = Kind.GENERATE
) -> int:
    """Return what a request will cost about; 0 where the catalogue has no price."""
    if model.prices is None:
        return 0
    prompt_tokens = len(prompt) // CHARS_PER_TOKEN + 1 + references * INPUT_IMAGE_TOKENS
    if kind is Kind.DESCRIBE:
        return _up(prompt_tokens * model.prices.prompt + DESCRIPTION_TOKENS * model.prices.text)
    image_tokens = model.size_named(options.size).tokens
    one = prompt_tokens * model.prices.prompt + image_tokens * model.prices.image
    return _up(one * options.count)


def cost(model: Model, size: str | None, usage: Usage, *, words: bool = False) -> int:
    """Return what one answer cost by the tokens that the provider counted.

    Where it counts no tokens, the catalogue's price of one image of that size stands in. What the total
    has beyond its parts, and what the candidates have beyond their details, is priced as image output,
    the dearest: better to show a cent too much than to spend one unseen. With `words` the answer holds
    nothing but words, so that all of it is priced as text.
    """
    prices = model.prices
    if prices is None:
        return 0
    if not usage.known:
        return _up(model.size_named(size).tokens * prices.image)
    texts = 0 if usage.output_images is None else max(0, usage.output - usage.output_images)
    beyond = max(0, usage.total - usage.prompt - usage.output - usage.thoughts)
    if words:
        texts, beyond = usage.output + beyond, 0
    images = max(0, usage.output - texts)
    return _up(
        usage.prompt * prices.prompt
        + (texts + usage.thoughts) * prices.text
        + (images + beyond) * prices.image
    )


def models_asked(answers: Iterable[Answer]) -> set[str]:
    """Return the ids of the models that some answers, or the tries before them, came from."""
    asked: set[str] = set()
    for answer in answers:
        asked |= {answer.model, *(earlier.model or answer.model for earlier in answer.earlier)}
    return asked


def total_cost(models: Mapping[str, Model], size: str | None, answers: Iterable[Answer]) -> int:
    """Return what a job's answers cost together, each at the prices of the model that gave it.

    `models` has those of `models_asked`. A blocked answer is not charged by the provider. The catalogue's
    price stands in only for a picture that came: an answer without one, whose tokens nobody counted, costs
    nothing. Tries before an answer cost what was counted for them.
    """
    total = 0
    for answer in answers:
        words = answer.verdict is Verdict.TEXT and not answer.pictures
        model = models[answer.model]
        for earlier in answer.earlier:
            total += cost(models[earlier.model or answer.model], size, earlier, words=words)
        charged = answer.verdict is not Verdict.BLOCKED and answer.usage.known
        if charged or answer.verdict is Verdict.PICTURE:
            total += cost(model, size, answer.usage, words=words)
    return total


def _up(micros_per: int) -> int:
    return -(-micros_per // PER)
