"""Google's side: whether the key is taken, and which models of the catalogue it may call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence

from bot.doctor.findings import Finding, fail, ok, warn
from bot.domain.catalogue import Catalogue
from bot.errors import Busy, KeyRefused, PlantainError

AREA = "gemini"
NEW_KEY = "Make a new key in Google AI Studio, or look at the project's billing and country"
NEW_CREDENTIALS = (
    "Run `gcloud auth application-default login`, or name a service account's file in "
    "GOOGLE_APPLICATION_CREDENTIALS; then look whether gemini.project has billing and Vertex AI switched on"
)

ListModels = Callable[[], Awaitable[Sequence[str]]]


async def look_at_models(
    list_models: ListModels, catalogue: Catalogue, default: str, *, vertex: bool
) -> list[Finding]:
    """Ask which models may be called, and compare that with the catalogue. It makes nothing and is free."""
    try:
        offered = set(await list_models())
    except KeyRefused as error:
        return [
            fail(
                AREA,
                f"Google does not accept the key or project: {error}",
                NEW_CREDENTIALS if vertex else NEW_KEY,
            )
        ]
    except Busy as error:
        return [
            fail(AREA, f"Google cannot be reached: {error}", "Look at the network, HTTPS_PROXY, base_url")
        ]
    except PlantainError as error:
        return [fail(AREA, f"the list of models cannot be had: {error}", "Look at gemini.base_url")]
    return [*_of_catalogue(offered, catalogue, default), *_retired(offered, catalogue)]


def _of_catalogue(offered: Collection[str], catalogue: Catalogue, default: str) -> list[Finding]:
    callable_ = [model.id for model in catalogue.models if model.id in offered]
    missing = [model.id for model in catalogue.models if model.id not in offered]
    findings = []
    if callable_:
        findings.append(ok(AREA, f"the key is accepted and may call {', '.join(callable_)}"))
    for model_id in missing:
        is_default = model_id == default
        seen = f"the key may not call {model_id}" + (", the default model" if is_default else "")
        remedy = (
            "Set gemini.default_model to one that it may, or use another key"
            if is_default
            else f'Take it off the list: [models."{model_id}"] hidden = true, in the gemini.catalogue file'
        )
        findings.append((fail if is_default else warn)(AREA, seen, remedy))
    return findings


def _retired(offered: Collection[str], catalogue: Catalogue) -> list[Finding]:
    gone = [item for item in catalogue.retired if item.id not in offered]
    back = [item.id for item in catalogue.retired if item.id in offered]
    findings = []
    if gone:
        named = ", ".join(f"{item.id} → {item.replaced_by}" for item in gone)
        findings.append(ok(AREA, f"retired models and what takes their place: {named}"))
    if back:
        findings.append(
            warn(
                AREA,
                f"Google still offers {', '.join(back)}, which the catalogue has as retired",
                "Nothing has to be done; requests for it go to its replacement",
            )
        )
    return findings
