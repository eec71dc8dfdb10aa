"""Whether a prompt asks for words in the picture.

Image models letter a picture unasked, and misspell it; so prompts say "no words" by default, and that has to
give way where somebody wants them. A wrong guess does little harm: the line that is added makes an exception
for what the prompt asks for, and all that follows from a yes is that the line is left out and the pro model,
which letters best, is suggested.
"""

from __future__ import annotations

import re

# What somebody puts in quotation marks is to be lettered. An opening mark follows nothing that a word is made
# of, so that inches (a 12" record) and apostrophes (a dog's life, rock 'n' roll) open nothing.
_QUOTED = re.compile(
    r"""
      (?<![\w"]) " (?=[^\s"]) [^"\n]{1,400} "
    | “ [^“”\n]{1,400} ”
    | „ [^„\n]{1,400}? [“”"]
    | [«»] [^«»\n]{1,400} [«»]
    | ‹ [^‹›\n]{1,400} ›
    | ‘ [^‘’\n]{2,400} ’ (?!\w)
    | (?<![\w']) ' (?=[^\s']) [^'\n]{2,400} (?<=\S) ' (?![\w'])
    | 「 [^「」\n]{1,400} 」
    """,
    re.VERBOSE,
)

_WHOLE = re.compile(r"""\s*(?P<mark>["'])(?P<inner>(?:(?!(?P=mark)).)*)(?P=mark)[\s.!]*""", re.DOTALL)

_NAMES = r"""
      texts? | words? | wording | letterings? | lettered | typograph\w+ | fonts? | typeface
    | captions? | captioned | subtitles? | titles? | titled | headlines? | headings? | slogans? | tagline
    | inscriptions? | inscribed | engraved | monograms? | initials | calligraph\w+ | handwrit\w+
    | labell?ed | labels | labelling | speech[ -]?(?:bubbles?|balloons?) | quotes? | spelled | spelling
    | spells | infographics? | signage
    | texte[ns]? | schriftz[uü]ge?n? | schrift | schriftart | (?:auf|in|über|unter)schrift(?:en)?
    | beschrift\w+ | titeln? | titels | untertitel | wort | worten? | wörtern? | buchstaben?
    | spruch | sprüchen? | sprechblasen? | handschrift\w* | initialen | graviert\w* | infografik(?:en)?
"""
_ASKS = re.compile(
    rf"""
      \b(?: {_NAMES} )\b
    | \b(?: says | saying | say ) \b
    | \b(?: that | which | sign | banner | shirt | t-shirt | label | poster | screen | board | plate | cover
          | flag | card | logo ) \s+ reads? \b
    | \b reading \s* :
    | \b(?: the | block | neon | capital | big | bold | golden | huge ) \s+ letters? \b
    | \b with \s+ (?: the | my | our | his | her | their | your ) \s+ names? \b
    | \b mit \s+ (?: dem | meinem | unserem | seinem | ihrem | deinem ) \s+ namen \b
    | \b(?: darauf | drauf | worauf ) \s+ steht \b
    | \b auf \s+ (?: dem | der | denen | das ) \s+ steht \b
    | \b(?: schild | plakat | banner | tafel | zettel | etikett | tasse | flagge | transparent | ortsschild
          | \w*reklame | \w*schild | t-shirt | shirt ) \b [^.\n]{{0,30}} \b steht \b
    | \b steht \s* (?: : | geschrieben )
    """,
    re.VERBOSE | re.IGNORECASE,
)

# "no text", "without any words", "ohne Schrift und Text" ask for the opposite.
_NOT_WANTED = re.compile(
    rf"""
    \b(?: no | without | avoid | free \s+ of | zero | nor | ohne | keine?[nrms]?
        | (?: do \s+ not | don['’]?t | never ) \s+ (?: add | include | write | show | use | put | have ) )
    \s+ (?: (?: any | visible | other | extra | additional | irgendeine?n? | sichtbare?n? ) \s+ )*
    (?: {_NAMES} | letters? | writing | logos? | watermarks? | wasserzeichen )
    (?: \s* (?: , | / | or | and | nor | oder | und ) \s*
        (?: (?: any | other | no | keine?[nrms]? ) \s+ )?
        (?: {_NAMES} | letters? | writing | logos? | watermarks? | wasserzeichen | numbers? | zahlen ) )*
    \b
    """,
    re.VERBOSE | re.IGNORECASE,
)


def asks_for_text(words: str) -> bool:
    """Whether a picture of `words` is to show words: something is quoted, or lettering is named.

    Quotation marks around the whole prompt say nothing: some people type them by habit.
    """
    words = _unwrapped(words)
    if _QUOTED.search(words):
        return True
    return _ASKS.search(_NOT_WANTED.sub(" ", words)) is not None


def without_quotes(words: str) -> str:
    """Return a prompt without what is to be lettered: what stands in quotation marks."""
    return _QUOTED.sub(" ", _unwrapped(words))


def _unwrapped(words: str) -> str:
    whole = _WHOLE.fullmatch(words)
    return whole["inner"] if whole else words
