"""The bodies of successful answers, in the shapes of facts that people reported about Gemini.

Building one paints, signs and serialises: it blocks, call it off the event loop.
"""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import replace
from typing import Any

from bot.sandbox.gemini.behaviours import Behaviour, without_words
from bot.sandbox.gemini.checks import Question
from bot.sandbox.gemini.models import Model, nearest_ratio, pixels
from bot.sandbox.gemini.painter import Commission, describe, paint, paint_big, paint_draft
from bot.sandbox.gemini.painting.edits import open_picture
from bot.sandbox.gemini.signatures import Signer

TOKENS_PER_INPUT_IMAGE = 1120
_BROKEN = b"These bytes are no image.\n" * 64
_NOT_CHARGED = (
    "You will not be charged for blocked images. Please try rephrasing the prompt. "
    "If you think this was an error, send feedback."
)
_UNSHOWN: dict[Behaviour, tuple[str, str]] = {
    Behaviour.REFUSE: (
        "IMAGE_SAFETY",
        "Unable to show the generated image. The image was filtered out because it violated Google's "
        f"Generative AI Prohibited Use policy. {_NOT_CHARGED}",
    ),
    Behaviour.OTHER: (
        "IMAGE_OTHER",
        "Unable to show the generated image. The model could not generate the image based on the prompt "
        f"provided. {_NOT_CHARGED}",
    ),
    Behaviour.RECITATION: (
        "IMAGE_RECITATION",
        "Unable to show the generated image. The image may resemble existing material too closely. "
        f"{_NOT_CHARGED}",
    ),
}


def build(question: Question, behaviour: Behaviour, variation: int, signer: Signer) -> bytes:
    """The JSON body of an answer with status 200.

    Args:
        question: what was asked.
        behaviour: what the prompt provoked; those that are HTTP errors never come here.
        variation: how often exactly this was asked before. Like the real one, the look-alike makes
            another picture each time, unless the request has a seed.
        signer: signs the parts.
    """
    if behaviour is Behaviour.EMPTY:
        return _body({})
    if behaviour is Behaviour.BLOCK:
        return _body(
            {
                "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"},
                "usageMetadata": _usage(question),
                **_stamp(question.model),
            }
        )
    if behaviour is Behaviour.NO_IMAGE:
        return _answer(question, {"finishReason": "NO_IMAGE", "index": 0})
    if behaviour in _UNSHOWN:
        reason, sentence = _UNSHOWN[behaviour]
        candidate = {"content": {}, "finishReason": reason, "finishMessage": sentence, "index": 0}
        return _answer(question, candidate)
    if not question.wants_image or behaviour is Behaviour.TEXT_ONLY:
        return _spoken(question, behaviour, signer)
    return _painted(question, behaviour, variation, signer)


def _spoken(question: Question, behaviour: Behaviour, signer: Signer) -> bytes:
    """Words only: a description of the input images, or talk instead of a picture."""
    if behaviour is Behaviour.TEXT_ONLY:
        words = f"I can picture it well: {_title(question)}. Here is your image!"
    elif question.images:
        words = describe(question.images)
    else:
        words = f"You wrote: {_title(question)}"
    candidate = _candidate([_text_part(words, question.model, signer)])
    return _answer(question, candidate, text_tokens=max(1, len(words) // 4))


def _painted(question: Question, behaviour: Behaviour, variation: int, signer: Signer) -> bytes:
    commission = _commission(question, behaviour, variation)
    model = question.model
    parts: list[dict[str, Any]] = []
    if model.drafts:
        parts.append({"text": "Laying out the composition before the final picture.", "thought": True})
        parts.append({**_inline(paint_draft(commission)), "thought": True})
    words = ""
    if behaviour is Behaviour.TEXT and question.wants_text:
        words = f"Here is your picture: {_title(question)}"
        parts.append(_text_part(words, model, signer))
    if behaviour is Behaviour.BROKEN:
        made = [_BROKEN]
    elif behaviour is Behaviour.BIG:
        made = [paint_big(commission)]
    elif behaviour is Behaviour.SEVERAL:
        made = [paint(replace(commission, seed=f"{commission.seed}, first try")), paint(commission)]
    else:
        made = [paint(commission)]
    parts.extend({**_inline(data), "thoughtSignature": signer.sign(model.family, data)} for data in made)
    tokens = model.sizes[question.size or "1K"] * len(made)
    return _answer(question, _candidate(parts), image_tokens=tokens, text_tokens=len(words) // 4)


def _commission(question: Question, behaviour: Behaviour, variation: int) -> Commission:
    ratio, size = question.ratio, question.size or "1K"
    if ratio is None:
        ratio = "1:1"
        if question.images:
            opened = open_picture(question.images[0])
            ratio = nearest_ratio(opened.width, opened.height, question.model.ratios)
    width, height = pixels(ratio, size)
    if behaviour is Behaviour.WRONG_SIZE:
        width, height = (height, width) if width != height else pixels("4:3", size)
    seed = f"seed {question.seed}" if question.seed is not None else f"variation {variation}"
    return Commission(
        prompt=without_words(question.prompt),
        title=_title(question),
        model=question.model.id,
        images=question.images,
        size=(width, height),
        seed=seed,
    )


def _title(question: Question) -> str:
    """The last text of the newest turn: what stands before it is mostly a client's own wording."""
    return without_words(question.texts[-1]) if question.texts else "untitled"


def _text_part(words: str, model: Model, signer: Signer) -> dict[str, Any]:
    return {"text": words, "thoughtSignature": signer.sign(model.family, words.encode())}


def _inline(data: bytes) -> dict[str, Any]:
    return {"inlineData": {"mimeType": "image/jpeg", "data": base64.b64encode(data).decode()}}


def _candidate(parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {"content": {"parts": parts, "role": "model"}, "finishReason": "STOP", "index": 0}


def _answer(
    question: Question, candidate: dict[str, Any], *, image_tokens: int = 0, text_tokens: int = 0
) -> bytes:
    usage = _usage(question, image_tokens=image_tokens, text_tokens=text_tokens)
    return _body({"candidates": [candidate], "usageMetadata": usage, **_stamp(question.model)})


def _stamp(model: Model) -> dict[str, Any]:
    return {"modelVersion": model.id, "responseId": secrets.token_urlsafe(16)}


def _usage(question: Question, *, image_tokens: int = 0, text_tokens: int = 0) -> dict[str, Any]:
    """Token counts as Google reports them; thoughts are made up from the length of the prompt."""
    input_images = question.input_images * TOKENS_PER_INPUT_IMAGE
    prompt = question.text_tokens + input_images
    usage: dict[str, Any] = {"promptTokenCount": prompt, "totalTokenCount": prompt}
    details = [{"modality": "TEXT", "tokenCount": question.text_tokens}]
    if input_images:
        details.append({"modality": "IMAGE", "tokenCount": input_images})
    usage["promptTokensDetails"] = details
    made = image_tokens + text_tokens
    if made:
        thoughts = 120 + question.text_tokens % 180 + (240 if question.model.drafts else 0)
        usage["candidatesTokenCount"] = made
        usage["candidatesTokensDetails"] = [
            {"modality": modality, "tokenCount": count}
            for modality, count in (("IMAGE", image_tokens), ("TEXT", text_tokens))
            if count
        ]
        usage["thoughtsTokenCount"] = thoughts
        usage["totalTokenCount"] = prompt + made + thoughts
    return usage


def _body(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, indent=2).encode()
