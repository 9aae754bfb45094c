"""Answers to prompts that ask for prose: instructions for an optimizer, and descriptions of data.

An instruction is the one found in the prompt plus sentences that hold documented cues (`cues`), so that candidates
change what the model does. Which sentences: what the examples and the feedback in the prompt suggest, then a choice by
the hash of the prompt, so that different prompts give different candidates and the same prompt the same one.
"""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256

from core.llm.providers.builtin.tokens import is_german, tokenize

_BASIS = ("basic_instruction", "current_instruction", "instruction", "attempted_instructions", "previous_instructions", "task_description")
_LEVELS = (
    ("", ""),
    ("Be thorough: name every entity that the text supports.", "Arbeite gründlich und nenne alles, was der Text hergibt."),
    ("Be precise and answer only clear cases.", "Sei genau und nenne nur eindeutige Fälle."),
)
_ENTITY_EXTRAS = (
    ("", ""),
    ("Prefer the complete phrase, with the modifiers that name the kind.", "Nimm die vollständige Wortgruppe samt ihren Beiwörtern."),
    ("Prefer short names, without modifiers.", "Nimm kurze Namen, ohne Zusätze."),
    ("Lower-case technical terms count as much as names.", "Fachbegriffe zählen ebenso wie Eigennamen."),
    ("Leave out: dates.", "Weglassen: Daten."),
    ("Include: measures.", "Auch: Maße."),
    ("Leave out: numbers.", "Weglassen: Zahlen."),
)
_RELATION_EXTRAS = (
    ("", ""),
    ("Relate only what stands in the same sentence.", "Verbinde nur, was im selben Satz steht."),
    ("Relate the nearest mentions.", "Verbinde die nächsten Nennungen."),
)
_SENTENCES = tuple(sentence for menu in (_LEVELS, _ENTITY_EXTRAS, _RELATION_EXTRAS) for pair in menu for sentence in pair if sentence)
_MISSED = re.compile(r"\b(missed|missing|not found|overlooked|fehlt|fehlen|übersehen)\b", re.IGNORECASE)
_SPURIOUS = re.compile(r"\b(spurious|extra|wrong|not in gold|unexpected|invented|should not|falsch|überzählig)\b", re.IGNORECASE)


def is_instruction(name: str) -> bool:
    """Whether an output field of that name asks for an instruction."""
    return name.endswith(("instruction", "instructions")) or name in {"task_description", "prompt"}


def propose(question: Mapping[str, str], salt: str) -> str:
    """An instruction: the one in the prompt, without cues of earlier proposals, plus one or two new ones."""
    whole = "\n".join(question.values())
    basis = _without_cues(next((question[name] for name in _BASIS if question.get(name, "").strip()), ""))
    basis = basis or "Extract what the output fields ask for."
    digest = sha256((salt + "\0" + whole).encode("utf-8")).digest()
    extras = _RELATION_EXTRAS if _about_relations(question, basis) else _ENTITY_EXTRAS
    german = int(is_german(basis))
    level = _LEVELS[_level(question, digest[0])][german]
    extra = extras[digest[1] % len(extras)][german]
    added = [sentence for sentence in (level, extra) if sentence]
    return " ".join([basis, *added]) if added else basis


def shorten(question: Mapping[str, str]) -> str:
    """The instruction cut to whole sentences within the limit that the prompt names, in characters."""
    text = next((question[name] for name in _BASIS if question.get(name, "").strip()), "")
    limits = [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", question.get("length_limit", ""))]
    limit = min(limits, default=len(text))
    kept = ""
    for sentence in re.split(r"(?<=[.!?])\s+", text):
        if len(kept) + len(sentence) + 1 > limit:
            break
        kept = f"{kept} {sentence}".strip()
    return kept or text[:limit]


def _level(question: Mapping[str, str], choice: int) -> int:
    """Which level of care: by feedback where there is some (more missed than wrong: thorough), else by choice."""
    feedback = question.get("examples_with_feedback", "")
    missed, wrong = len(_MISSED.findall(feedback)), len(_SPURIOUS.findall(feedback))
    if missed != wrong and choice % 4:
        return 1 if missed > wrong else 2
    return choice % len(_LEVELS)


def _about_relations(question: Mapping[str, str], basis: str) -> bool:
    """Whether the prompt to improve asks for relations: its module ends in that field, or its instruction says so."""
    module = question.get("module", "")
    if "->" in module:
        return "relations" in module.rpartition("->")[2]
    return bool(re.search(r"\b(relations?|predicates?|relationen|beziehung\w*|prädikat\w*)\b", basis, re.IGNORECASE))


def _without_cues(text: str) -> str:
    for sentence in _SENTENCES:
        text = text.replace(" " + sentence, "").replace(sentence, "")
    return text.strip().strip('"').strip()


def describe(name: str, question: Mapping[str, str]) -> str:
    """Sentences about the input, from counts alone: how long, which language, how its words are written."""
    whole = "\n".join(question.values())
    tokens = tokenize(whole).tokens
    if not tokens:
        return f"There is no input from which {name} could be said."
    language = "German" if is_german(whole) else "English"
    numbers = sum(token.tag == "0" for token in tokens) / len(tokens)
    capitals = sum(token.capital for token in tokens) / len(tokens)
    frequent = ", ".join(_frequent([token.low for token in tokens if token.tag in "WNA" and len(token.low) > 3]))
    return (
        f"The material is {language}, about {len(tokens)} words and marks. {round(100 * capitals)} % of its words start with a capital, "
        f"{round(100 * numbers)} % are numbers. Frequent words are {frequent or 'none'}."
    )


def _frequent(lows: Sequence[str], most: int = 8) -> list[str]:
    counts: dict[str, int] = {}
    for low in lows:
        counts[low] = counts.get(low, 0) + 1
    return sorted(counts, key=lambda low: (-counts[low], low))[:most]
