"""Reads a generateContent request as strictly as Google does, and says what was asked.

Everything that the model would not take is refused with a 400 whose sentence follows Google's wording
where it is known (third-party reports), and is plain English where it is not.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PIL import Image, UnidentifiedImageError

from bot.sandbox.gemini import signatures, wire
from bot.sandbox.gemini.errors import ApiError, bad_request, retired_model, unknown_model
from bot.sandbox.gemini.models import MODELS, RETIRED, Model
from bot.sandbox.gemini.signatures import Signer

_REQUEST = frozenset(
    {"contents", "generationConfig", "safetySettings", "systemInstruction", "tools", "toolConfig"}
    | {"cachedContent", "serviceTier", "store", "model"}
)
_GENERATION = frozenset(
    {"candidateCount", "frequencyPenalty", "imageConfig", "logprobs", "maxOutputTokens", "mediaResolution"}
    | {"presencePenalty", "responseLogprobs", "responseMimeType", "responseModalities", "seed"}
    | {"stopSequences", "temperature", "thinkingConfig", "topK", "topP"}
)
_IMAGE_CONFIG = frozenset({"aspectRatio", "imageSize"})
_THINKING = frozenset({"includeThoughts", "thinkingBudget", "thinkingLevel"})
_CONTENT = frozenset({"role", "parts"})
_PART = frozenset({"text", "inlineData", "fileData", "thought", "thoughtSignature", "mediaResolution"})
_BLOB = frozenset({"data", "mimeType"})
_SAMPLING = ("seed", "temperature", "topP", "topK", "logprobs", "responseLogprobs")
_HEIF = frozenset({"image/heic", "image/heif"})  # taken by Google; Pillow cannot open them
_MIME = frozenset({"image/png", "image/jpeg", "image/webp"}) | _HEIF
_MOST_PIXELS = 80_000_000
_CANNOT_PROCESS = (
    "Unable to process input image. Please retry or report in "
    "https://developers.generativeai.google/guide/troubleshooting"
)


@dataclass(frozen=True, slots=True)
class Question:
    """A valid request: what to paint, from what, how large, and what it costs to read.

    `texts` are the text parts of the newest user content, in order. `images` are the readable input
    images to work on: those of the newest user content, or, where it has none, the last image that the
    model made in this conversation. `ratio` and `size` are None where the request leaves them open.
    """

    model: Model
    texts: tuple[str, ...]
    images: tuple[bytes, ...]
    ratio: str | None
    size: str | None
    seed: int | None
    wants_text: bool
    wants_image: bool
    text_tokens: int
    input_images: int
    fingerprint: str

    @property
    def prompt(self) -> str:
        """The newest user text."""
        return "\n".join(self.texts)


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    image: bytes | None
    readable: bool


def find_model(name: str) -> Model:
    """The model of this id.

    Raises:
        ApiError: 404 for an id that is unknown or was shut down.
    """
    model = MODELS.get(name)
    if model is None:
        raise retired_model(name) if name in RETIRED else unknown_model(name[:120])
    return model


def read_question(model: Model, raw: bytes, signer: Signer) -> Question:
    """The question that a request body asks. Blocking: call it in a thread.

    Raises:
        ApiError: 400, with Google's sentence.
    """
    body = wire.read_object(raw)
    wire.only_known(body, _REQUEST, "")
    config = _read_config(body, model)
    turns = list(_Conversation(model, signer).turns(body))
    if turns[-1][0] != "user":
        raise bad_request("Please ensure that multiturn requests end with a user role.")
    newest = turns[-1][1]
    images = [part for part in newest if part.image is not None]
    total = sum(part.image is not None for _, parts in turns for part in parts)
    if len(images) > model.max_input_images:
        raise bad_request(f"The model takes at most {model.max_input_images} input images.")
    made = [part for role, parts in turns if role == "model" for part in parts if part.image is not None]
    sources = images or made[-1:]
    system = wire.message(body, "systemInstruction", _CONTENT)
    letters = sum(len(part.text) for _, parts in turns for part in parts) + len(str(system or ""))
    return Question(
        model=model,
        texts=tuple(part.text for part in newest if part.text),
        images=tuple(part.image for part in sources if part.image is not None and part.readable),
        ratio=config.ratio,
        size=config.size,
        seed=config.seed,
        wants_text="TEXT" in config.modalities,
        wants_image="IMAGE" in config.modalities,
        text_tokens=max(1, letters // 4),
        input_images=total,
        fingerprint=hashlib.sha256(model.id.encode() + raw).hexdigest(),
    )


@dataclass(frozen=True, slots=True)
class _Config:
    ratio: str | None
    size: str | None
    seed: int | None
    modalities: tuple[str, ...]


def _read_config(body: dict[str, Any], model: Model) -> _Config:
    path = "generation_config"
    config = wire.message(body, "generationConfig", _GENERATION)
    if not model.sampling:
        for name in _SAMPLING:
            if config.get(name) is not None:
                raise bad_request(f"{wire.snake(name)} is not supported for {model.name}.", f"{path}.{name}")
    if config.get("candidateCount") not in (None, 1):
        raise bad_request(f"Multiple candidates is not enabled for {model.name}")
    _check_thinking(config, model)
    _check_tools(body, model)
    image = wire.message(config, "imageConfig", _IMAGE_CONFIG, path)
    ratio = wire.text(image, "aspectRatio", f"{path}.image_config")
    size = wire.text(image, "imageSize", f"{path}.image_config")
    if ratio is not None and ratio not in model.ratios:
        raise bad_request(f"aspect_ratio must be one of the following: {', '.join(model.ratios)}.")
    if size is not None and not model.size_settable:
        raise bad_request(f"image_size is not supported for {model.name}.")
    if size is not None and size not in model.sizes:
        raise bad_request(f"image_size must be one of the following: {', '.join(model.sizes)}.")
    return _Config(ratio, size, _seed(config), _modalities(config, model))


def _seed(config: dict[str, Any]) -> int | None:
    seed = config.get("seed")
    if seed is None:
        return None
    if not isinstance(seed, int) or isinstance(seed, bool) or not -(2**31) <= seed < 2**31:
        problem = f"Invalid value at 'generation_config.seed' (TYPE_INT32), {str(seed)[:40]}"
        raise bad_request(problem, "generation_config.seed")
    return seed


def _modalities(config: dict[str, Any], model: Model) -> tuple[str, ...]:
    asked = wire.items(config, "responseModalities", "generation_config")
    for modality in asked:
        if modality not in ("TEXT", "IMAGE"):
            raise bad_request(
                f"The requested combination of response modalities ({str(asked)[:80]}) "
                f"is not supported by the model. {model.name} accepts the following combination of "
                "response modalities:\n* TEXT\n* IMAGE\n* IMAGE, TEXT\n"
            )
    return tuple(asked) or ("TEXT", "IMAGE")


def _check_thinking(config: dict[str, Any], model: Model) -> None:
    thinking = wire.message(config, "thinkingConfig", _THINKING, "generation_config")
    level = thinking.get("thinkingLevel")
    if level is None:
        return
    if not model.thinking_levels:
        raise bad_request(f"Thinking level is not supported for {model.name}.")
    if str(level).upper() not in model.thinking_levels:
        raise bad_request(f"Thinking level {str(level)[:40]} is not supported for {model.name}.")


def _check_tools(body: dict[str, Any], model: Model) -> None:
    for tool in wire.items(body, "tools"):
        if not isinstance(tool, dict) or set(tool) != {"googleSearch"}:
            raise bad_request("Only the googleSearch tool is supported for image generation.")
        if not model.search:
            raise bad_request("Search Grounding is not supported.")


class _Conversation:
    """Reads the contents of a request, part by part, and checks the signatures of model turns."""

    def __init__(self, model: Model, signer: Signer) -> None:
        self._model = model
        self._signer = signer

    def turns(self, body: dict[str, Any]) -> Iterator[tuple[str, tuple[_Part, ...]]]:
        """The role and the parts of each content."""
        contents = wire.items(body, "contents")
        if not contents:
            raise bad_request("* GenerateContentRequest.contents: contents is not specified\n")
        for number, content in enumerate(contents):
            path = f"contents[{number}]"
            if not isinstance(content, dict):
                raise bad_request(f"Invalid value at '{path}', expected a message", path)
            wire.only_known(content, _CONTENT, path)
            role = content.get("role", "user")
            if role not in ("user", "model"):
                raise bad_request("Please use a valid role: user, model.")
            parts = wire.items(content, "parts", path)
            if not parts:
                problem = f"* GenerateContentRequest.{path}.parts: contents.parts must not be empty.\n"
                raise bad_request(problem)
            if role == "user":
                newest = number == len(contents) - 1
                yield role, tuple(_user_part(part, where, whole=newest) for where, part in _each(parts, path))
            else:
                yield role, tuple(self._model_parts(parts, number))

    def _model_parts(self, parts: list[Any], number: int) -> Iterator[_Part]:
        """Thoughts carry no signature and are no input; images must carry one; text may."""
        for index, (where, part) in enumerate(_each(parts, f"contents[{number}]")):
            image, mime, text = _content_of(part, where)
            if part.get("thought") is True:
                continue
            signature = wire.data(part, "thoughtSignature", where)
            if signature:
                content = image if image is not None else (text or "").encode()
                self._signer.check(self._model.family, content, signature)
            elif image is not None:
                raise signatures.missing(number + 1, index + 1)
            readable = image is not None and _readable(image, mime, whole=False)
            yield _Part(text or "", image, readable)


def _each(parts: list[Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each part with its path."""
    for index, part in enumerate(parts):
        where = f"{path}.parts[{index}]"
        if not isinstance(part, dict):
            raise bad_request(f"Invalid value at '{where}', expected a message", where)
        wire.only_known(part, _PART, where)
        if part.get("fileData") is not None:
            raise ApiError(403, "You do not have permission to access the File or it may not exist.")
        yield where, part


def _user_part(part: dict[str, Any], where: str, *, whole: bool) -> _Part:
    image, mime, text = _content_of(part, where)
    return _Part(text or "", image, readable=image is not None and _readable(image, mime, whole=whole))


def _content_of(part: dict[str, Any], where: str) -> tuple[bytes | None, str, str | None]:
    """Image, MIME type and text of a part, of which it has exactly one: an image or text."""
    image, mime = _blob(part, where)
    text = wire.text(part, "text", where)
    if (text is None) == (image is None):
        raise bad_request(
            f"* GenerateContentRequest.{where}.data: required oneof field 'data' must have one "
            "initialized field\n"
        )
    return image, mime, text


def _blob(part: dict[str, Any], where: str) -> tuple[bytes | None, str]:
    if part.get("inlineData") is None:
        return None, ""
    blob = wire.message(part, "inlineData", _BLOB, where)
    mime = wire.text(blob, "mimeType", f"{where}.inline_data") or ""
    if mime not in _MIME:
        raise bad_request(f"Unsupported MIME type: {mime[:80]}")
    return wire.data(blob, "data", f"{where}.inline_data") or b"", mime


def _readable(image: bytes, mime: str, *, whole: bool) -> bool:
    """True where Pillow can open the image, False for HEIC and HEIF; anything else is refused.

    `whole` decodes every pixel (the newest images); otherwise only the header is read.
    """
    if mime in _HEIF:
        if image[4:8] != b"ftyp":
            raise bad_request(_CANNOT_PROCESS)
        return False
    try:
        with Image.open(io.BytesIO(image), formats=("JPEG", "PNG", "WEBP")) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise bad_request(_CANNOT_PROCESS)
            if whole:
                opened.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise bad_request(_CANNOT_PROCESS) from None
    return True
