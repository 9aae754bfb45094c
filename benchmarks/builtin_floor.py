"""What the built-in model reaches, against its floors: `python -m benchmarks.builtin_floor`.

Every number goes through the provider, prompt and all. Entities: mean F1 over documents on sets of case-folded names,
untyped. Samples are scored on their test split with demos drawn from the rest. The general weights were chosen by
cross-checks inside the training parts; the scores printed here were looked at while building, so they are no sealed test.
Time is that of the answering thread, so that other work on the machine does not count; the wall clock shows more under load.
"""

import json
import random
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean
from time import thread_time
from typing import Any, NamedTuple

from core.llm.providers.builtin import BuiltinProvider
from core.records.models import Message, ModelRequest

ROOT = Path(__file__).resolve().parent.parent
NEWS = ROOT.parent / "shared" / "data" / "conll04"
DRAWS = 5

Result = tuple[str, float, str, bool]


class Sample(NamedTuple):
    """A text with what is in it; entities as strings or `{text, type}`."""

    text: str
    entities: list[Any]
    relations: list[dict[str, str]]
    test: bool


def run() -> list[Result]:
    """Each measure as (name, value, goal, holds)."""
    results = [*_news(), *_all_samples()]
    return results or [("no data", 0.0, "data to measure on", False)]


def _news() -> Iterable[Result]:
    if not (NEWS / "dev.jsonl").is_file():
        sys.stderr.write(f"skipped the news floors: {NEWS} is absent\n")
        return
    train, dev = _read(NEWS / "train.jsonl"), _read(NEWS / "dev.jsonl")
    bare = _entity_f1(dev, [])
    yield "news, untrained", bare, ">= 0.65", bare >= 0.65
    few = {count: fmean(_entity_f1(dev, _draw(train, count, seed)) for seed in range(DRAWS)) for count in (4, 8, 16)}
    for count in (4, 8):
        yield f"news, {count} demos", few[count], f">= {bare - 0.02:.3f}", few[count] >= bare - 0.02
    yield "news, 16 demos", few[16], ">= 8 demos", few[16] >= few[8]


def _all_samples() -> Iterable[Result]:
    means: dict[int, list[float]] = {4: [], 8: [], 16: []}
    for path in sorted((ROOT / "config" / "samples").glob("*/samples.jsonl")):
        yield from _domain(path.parent.name, _read(path), means)
    if means[16]:
        curve = [fmean(means[count]) for count in (4, 8, 16)]
        shown = " <= ".join(f"{value:.3f}" for value in curve)
        yield "samples, more demos help", curve[2], shown, curve[0] <= curve[1] <= curve[2]


def _domain(name: str, samples: Sequence[Sample], means: dict[int, list[float]]) -> Iterable[Result]:
    train, test = [one for one in samples if not one.test], [one for one in samples if one.test]
    bare = _entity_f1(test, [])
    yield f"{name}, untrained", bare, "", True
    for count, kept in means.items():
        kept.append(fmean(_entity_f1(test, _draw(train, count, seed)) for seed in range(DRAWS)))
    for count in (8, 16):
        yield f"{name}, {count} demos", means[count][-1], f">= {2 * bare:.3f}", means[count][-1] >= 2 * bare
    typed = fmean(_entity_f1(test, _draw(train, 16, seed), typed=True) for seed in range(DRAWS))
    yield f"{name}, 16 demos, with types", typed, "", True
    relations = fmean(_relation_f1(test, _draw(train, 16, seed)) for seed in range(DRAWS))
    yield f"{name}, relations on gold entities, 16 demos", relations, ">= 0.3", relations >= 0.3
    took = _ms_per_sample(test, _draw(train, 16, 0))
    yield f"{name}, ms of processor per sample, fit cached", took, "< 15", took < 15


def _read(path: Path) -> list[Sample]:
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        raw = json.loads(line)
        names = {one["id"]: one["text"] for one in raw["entities"] if isinstance(one, dict)}
        entities = [{"text": one["text"], "type": one["type"]} if isinstance(one, dict) else one for one in raw["entities"]]
        relations = [
            {
                "subject": one.get("subject") or names[one["subject_id"]],
                "predicate": one["predicate"],
                "object": one.get("object") or names[one["object_id"]],
            }
            for one in raw["relations"]
        ]
        found.append(Sample(raw["text"], entities, relations, raw.get("split") == "test"))
    return found


def _draw(samples: Sequence[Sample], count: int, seed: int) -> list[Sample]:
    return random.Random(seed).sample(list(samples), count)


def _ask(task: str, sample: Sample, demos: Sequence[Sample]) -> list[Any]:
    """The provider's list for one sample."""
    typed = isinstance((sample.entities or ["x"])[0], dict)
    inputs = ["source_text"] if task == "entities" else ["source_text", "entities"]
    annotation = ("list[Mention]" if typed else "list[str]") if task == "entities" else "list[Statement]"
    listed = "\n".join(f"{number}. `{name}` (str):" for number, name in enumerate(inputs, 1))
    system = (
        f"in\n{listed}\nout\n1. `{task}` ({annotation}):\nso\n\n[[ ## {task} ## ]]\n{{{task}}}\n\n[[ ## completed ## ]]\nTask\nList them."
    )
    messages = [Message(role="system", content=system)]
    for demo in demos:
        messages += [_turn("user", demo, inputs), _turn("assistant", demo, [task], "\n\n[[ ## completed ## ]]\n")]
    messages.append(_turn("user", sample, inputs, f"\n\nWrite `[[ ## {task} ## ]]`"))
    answer = PROVIDER.complete(ModelRequest(model="in-context", messages=tuple(messages))).text
    found = json.loads(answer.split("\n")[1])
    return found if isinstance(found, list) else []


PROVIDER = BuiltinProvider()


def _turn(role: Any, sample: Sample, names: Sequence[str], tail: str = "") -> Message:
    values = {"source_text": sample.text, "entities": json.dumps(sample.entities), "relations": json.dumps(sample.relations)}
    return Message(role=role, content="\n\n".join(f"[[ ## {name} ## ]]\n{values[name]}" for name in names) + tail)


def _names(entities: Sequence[Any], typed: bool) -> set[tuple[str, str]]:
    return {(one["text"].casefold(), one["type"] if typed else "") if isinstance(one, dict) else (one.casefold(), "") for one in entities}


def _entity_f1(samples: Sequence[Sample], demos: Sequence[Sample], *, typed: bool = False) -> float:
    return fmean(_f1(_names(one.entities, typed), _names(_ask("entities", one, demos), typed)) for one in samples)


def _triples(relations: Sequence[dict[str, str]]) -> set[tuple[str, ...]]:
    return {tuple(one[key].casefold() for key in ("subject", "predicate", "object")) for one in relations}


def _relation_f1(samples: Sequence[Sample], demos: Sequence[Sample]) -> float:
    return fmean(_f1(_triples(one.relations), _triples(_ask("relations", one, demos))) for one in samples)


def _f1(gold: set[Any], said: set[Any]) -> float:
    return 1.0 if not gold and not said else 2 * len(gold & said) / (len(gold) + len(said))


def _ms_per_sample(samples: Sequence[Sample], demos: Sequence[Sample]) -> float:
    _ask("entities", samples[0], demos)
    began = thread_time()
    for sample in samples[1:]:
        _ask("entities", sample, demos)
    return (thread_time() - began) * 1000 / (len(samples) - 1)


def main() -> int:
    """Print every measure; exit status 1 when a floor does not hold."""
    results = run()
    for name, value, goal, holds in results:
        print(f"{'ok  ' if holds else 'MISS'} {name:<62} {value:8.3f}  {goal}")
    return 0 if all(holds for *_, holds in results) else 1


if __name__ == "__main__":
    sys.exit(main())
