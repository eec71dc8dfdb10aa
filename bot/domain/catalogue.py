"""The models as data: what each takes, costs and when it ends.

The catalogue is read from TOML (`bot.catalogue` loads the packaged one and an operator's,
`bot.domain.catalogue_tables` checks them); here it is looked up, and asked whether a model takes a request.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.domain.calls import MAX_SEED
from bot.domain.requests import Options
from bot.errors import InvalidRequest, Problem

MAX_COUNT = 4


@dataclass(frozen=True, slots=True)
class Prices:
    """Micro-dollars for a million tokens."""

    prompt: int
    text: int
    image: int


@dataclass(frozen=True, slots=True)
class Size:
    """One output size of a model: its output tokens; `name` is what the API calls it."""

    name: str
    tokens: int


def size_pixels(name: str) -> int:
    """Return the pixels of ``512``, ``1K``, ``4K``; 0 for a name that says nothing about them."""
    match = re.fullmatch(r"(\d+)(K?)", name)
    return (int(match[1]) * (1024 if match[2] else 1)) ** 2 if match else 0


@dataclass(frozen=True, slots=True)
class Model:
    """One model that makes pictures."""

    id: str
    label: str
    tier: str | None  # draft, standard or pro: the name that people know it by
    family: str  # signatures of one family mean nothing to another
    ratios: tuple[str, ...]
    sizes: tuple[Size, ...]  # the first is what the model does by itself
    send_size: bool  # False: the model takes no size at all
    seed: bool
    max_inputs: int
    prices: Prices | None
    timeout: float  # seconds that one call may take
    thinking: tuple[str, ...] = ()
    search: bool = False
    replaced_by: str | None = None  # the model that takes its place, once it is shut down

    @property
    def size_names(self) -> tuple[str, ...]:
        """The sizes that can be asked for."""
        return tuple(size.name for size in self.sizes)

    def size_named(self, name: str | None) -> Size:
        """Return the size of that name; None is the model's own."""
        return next((size for size in self.sizes if size.name == name), self.sizes[0])


@dataclass(frozen=True, slots=True)
class Retired:
    """A model that was shut down, and what takes its place."""

    id: str
    on: str  # ISO date
    replaced_by: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """A model that was asked for by any name. `instead_of` is set when that name was a retired model's."""

    model: Model
    instead_of: Retired | None = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All models that are on offer, best known first."""

    models: tuple[Model, ...]
    retired: tuple[Retired, ...] = ()

    def get(self, model_id: str) -> Model | None:
        """Return the model with exactly this id, if it is on offer."""
        return next((model for model in self.models if model.id == model_id), None)

    def resolve(self, name: str) -> Resolved:
        """Return the model for an id, a tier's name or a retired id; raise InvalidRequest for any other."""
        retired = next((item for item in self.retired if item.id == name), None)
        wanted = retired.replaced_by if retired else name
        for model in self.models:
            if wanted in (model.id, model.tier):
                return Resolved(model, retired)
        raise InvalidRequest(Problem.MODEL_UNKNOWN, model=name, allowed=[m.id for m in self.models])

    def successor(self, model_id: str) -> str | None:
        """Return the id of the model that takes the place of one, if that is known."""
        model = self.get(model_id)
        if model is not None:
            return model.replaced_by
        return next((item.replaced_by for item in self.retired if item.id == model_id), None)

    def check(self, options: Options, references: int = 0) -> Options:
        """Return `options` with the model's id resolved, or raise InvalidRequest with what it does take."""
        model = self.resolve(options.model).model
        if options.ratio is not None and options.ratio not in model.ratios:
            raise InvalidRequest(
                Problem.RATIO_NOT_TAKEN, ratio=options.ratio, model=model.label, allowed=list(model.ratios)
            )
        if options.size is not None and options.size not in model.size_names:
            raise InvalidRequest(
                Problem.SIZE_NOT_TAKEN, size=options.size, model=model.label, allowed=list(model.size_names)
            )
        if not 1 <= options.count <= MAX_COUNT:
            raise InvalidRequest(Problem.COUNT_OUT_OF_RANGE, count=options.count, limit=MAX_COUNT)
        self._check_seed(model, options.seed)
        if references > model.max_inputs:
            raise InvalidRequest(
                Problem.TOO_MANY_REFERENCES, count=references, limit=model.max_inputs, model=model.label
            )
        return Options(model.id, options.ratio, options.size, options.count, options.seed)

    def stand_in(self, options: Options, fallback: str, references: int = 0) -> Options | None:
        """Return how another model makes the same; None where it cannot: the ratio and the pictures matter.

        What it does not take falls away: a seed; and a size, of which it makes its own.
        """
        model = self.get(fallback)
        if model is None or model.id == options.model or references > model.max_inputs:
            return None
        if options.ratio is not None and options.ratio not in model.ratios:
            return None
        size = options.size if options.size in model.size_names else None
        seed = options.seed if model.seed else None
        return Options(model.id, options.ratio, size, options.count, seed)

    def _check_seed(self, model: Model, seed: int | None) -> None:
        if seed is None:
            return
        if not model.seed:
            takers = [other.label for other in self.models if other.seed]
            raise InvalidRequest(Problem.SEED_NOT_TAKEN, model=model.label, allowed=takers)
        if not 0 <= seed <= MAX_SEED:
            raise InvalidRequest(Problem.SEED_OUT_OF_RANGE, seed=seed, lowest=0, highest=MAX_SEED)


def with_assumed_prices(catalogue: Catalogue) -> Catalogue:
    """Return the catalogue with the dearest prices of all for each model that has none."""
    known = [model.prices for model in catalogue.models if model.prices is not None]
    if not known:
        return catalogue
    dearest = Prices(
        prompt=max(prices.prompt for prices in known),
        text=max(prices.text for prices in known),
        image=max(prices.image for prices in known),
    )
    models = tuple(
        model if model.prices is not None else replace(model, prices=dearest) for model in catalogue.models
    )
    return replace(catalogue, models=models)
