"""What the built-in model follows in the instructions: a fixed table of cues, in English and German.

Each is found as a whole word, case-folded. Nothing else in the instructions changes an answer, but the lines that define
a type (`- party: a role such as tenant`): their words make spans with such a head, and that type for them, likelier.

| cue | words | what it does |
|---|---|---|
| thorough | thorough, exhaustive, every entity (term, name, relation, fact), gründlich, lückenlos, erschöpfend | threshold -0.5: more |
| precise | precise, only clearly, strict, when in doubt leave out, sei genau, nur eindeutig, im Zweifel weglassen | threshold 0.5 higher |
| complete phrases | complete phrase, full phrase, longest, vollständige Wortgruppe, längste | +0.4 for each further token |
| short names | short name, shortest, head word, without modifiers, kürzeste, ohne Zusätze | -0.4 for each further token |
| technical terms | lower-case, common noun, kleingeschrieben, Fachbegriff, Fachwort | without demos, noun groups are proposed too |
| one sentence | same sentence, one sentence, im selben Satz, innerhalb eines Satzes | relations only within a sentence |
| nearest | nearest, adjacent, nächste, benachbart | relations only between neighbors: at most one entity between |
| `leave out:` list | `leave out: dates, names`; also exclude, ignore, omit, auslassen, weglassen, ohne | these are dropped |
| `include:` list | `include: numbers`; also only, nur, auch | classes: threshold -1.0; with `only`/`nur`: all others are dropped |

Classes that lists may name: dates (Daten), numbers (Zahlen), measures (Maße), names (Namen), acronyms (Abkürzungen),
identifiers (Bezeichner), single words (Einzelwörter), and any type of the schema.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from core.llm.providers.builtin import words
from core.llm.providers.builtin.tokens import tokenize

SHIFT, LENGTH, CLASS_SHIFT = 0.5, 0.4, 1.0

_THOROUGH = re.compile(r"\b(thorough\w*|exhaustive\w*|every (?:entity|term|name|relation|fact)|gründlich\w*|lückenlos\w*|erschöpfend\w*)\b")
_PRECISE = re.compile(
    r"\b(precise\w*|only clear\w*|strict\w*|when in doubt,? leave (?:it )?out|sei genau|nur eindeutig\w*|im zweifel (?:weg|aus)lassen)\b"
)
_LONG = re.compile(r"\b((?:complete|full) phrases?|longest|vollständigen? wortgruppen?|längsten?)\b")
_SHORT = re.compile(r"\b(short names?|shortest|head words?|without modifiers|kürzesten?|ohne zusätze)\b")
_TECHNICAL = re.compile(r"\b(lower-?case\w*|common nouns?|kleingeschrieben\w*|fachbegriffe?\w*|fachwörter\w*|fachwort)\b")
_ONE_SENTENCE = re.compile(r"\b((?:same|one|single) sentence|im selben satz|innerhalb eines satzes)\b")
_NEAREST = re.compile(r"\b(nearest|adjacent|nächste\w*|benachbart\w*)\b")
_LISTS = re.compile(
    r"\b(leave out|exclude|ignore|omit|auslassen|weglassen|include only|include|(?<![\w,] )(?:only|nur|auch|ohne)):\s*([^.;\n]+)"
)
"""The short words only where a sentence begins: people end a rule with them ("in fixed terms only: ...")."""
_OUT = frozenset({"leave out", "exclude", "ignore", "omit", "auslassen", "weglassen", "ohne"})
_ONLY = frozenset({"include only", "only", "nur"})
CLASSES = {
    "dates": "date",
    "daten": "date",
    "numbers": "number",
    "zahlen": "number",
    "measures": "measure",
    "maße": "measure",
    "names": "name",
    "namen": "name",
    "acronyms": "acronym",
    "abkürzungen": "acronym",
    "identifiers": "identifier",
    "bezeichner": "identifier",
    "single words": "single",
    "einzelwörter": "single",
}


@dataclass(frozen=True)
class Cues:
    """What the instructions ask for; see the table above. The sets hold classes and case-folded types."""

    shift: float = 0.0
    length: float = 0.0
    technical: bool = False
    one_sentence: bool = False
    nearest: bool = False
    left_out: frozenset[str] = frozenset()
    included: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()

    def drops(self, text: str, kind: str | None) -> bool:
        """Whether a list leaves this span out: by its class, its type, or because only others are wanted."""
        names = classes_of(text) | ({kind.casefold()} if kind else frozenset())
        return bool(names & self.left_out) or bool(self.only and not names & self.only)

    def lift(self, text: str, kind: str | None) -> float:
        """How much easier the threshold is for a class or type that a list includes."""
        if not self.included:
            return 0.0
        return CLASS_SHIFT * bool((classes_of(text) | ({kind.casefold()} if kind else frozenset())) & self.included)


NO_CUES = Cues()


@lru_cache(maxsize=512)
def read_cues(instructions: str) -> Cues:
    """The cues in a prompt's instructions."""
    low = instructions.casefold()
    lists: dict[str, set[str]] = {"out": set(), "only": set(), "in": set()}
    for verb, listed in _LISTS.findall(low):
        bag = "out" if verb in _OUT else "only" if verb in _ONLY else "in"
        names = [part.strip(" `\"'") for part in re.split(r",| and | und ", listed)]
        lists[bag].update(CLASSES.get(name, name) for name in names if name)
    return Cues(
        shift=SHIFT * (bool(_PRECISE.search(low)) - bool(_THOROUGH.search(low))),
        length=LENGTH * (bool(_LONG.search(low)) - bool(_SHORT.search(low))),
        technical=bool(_TECHNICAL.search(low)),
        one_sentence=bool(_ONE_SENTENCE.search(low)),
        nearest=bool(_NEAREST.search(low)),
        left_out=frozenset(lists["out"]),
        included=frozenset(lists["in"]),
        only=frozenset(lists["only"]),
    )


@lru_cache(maxsize=16_384)
def classes_of(text: str) -> frozenset[str]:
    """The classes of the table to which a span belongs."""
    tokens = tokenize(text).tokens
    tags = [token.tag for token in tokens]
    found = set()
    if any(token.low.rstrip(".") in words.MONTH for token in tokens) or re.search(r"\b(1[5-9]|20)\d\d\b|\d{1,2}[./]\d{1,2}[./]", text):
        found.add("date")
    if any(tag in "0Q" for tag in tags):
        found.add("measure" if "%" in tags or tokens[0].low in words.CURRENCY else "number")
    if all(tag == "U" for tag in tags):
        found.add("acronym")
    if "I" in tags:
        found.add("identifier")
    if not found and all(token.capital for token in tokens if token.tag not in "PDC,"):
        found.add("name")
    if len(tokens) == 1:
        found.add("single")
    return frozenset(found)
