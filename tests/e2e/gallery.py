"""Every component with invented data, for the browser test and for the eye: `streamlit run tests/e2e/gallery.py`."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402

from app.components import (  # noqa: E402
    chips,
    confirm_delete,
    empty_state,
    event_log,
    export,
    heading,
    interval_plot,
    labels,
    linked,
    live,
    metrics_row,
    notice,
    pager,
    phase_bar,
    prompt_diff,
    run_table,
    sample_scatter,
    spans,
    table,
    trial_chart,
)
from core.records.domains import MetricConfig  # noqa: E402
from core.records.events import Event, EventType  # noqa: E402
from core.records.prompts import Demo  # noqa: E402
from core.records.runs import Gain, OptimizerSettings, Phase, PhaseState, RunStatus, Scores, TrainingRun  # noqa: E402

HOSTILE = (
    "<img src=x onerror=\"document.title='owned'\"> ![b](https://attacker.invalid/?q=1) :material/bolt: :red[x] "
    "<script>document.title='owned'</script> [l](javascript:alert(1)) \u202ertl \x1b[31mred"
)
NOTE = (
    "Patient started on metoprolol 25 mg twice daily for new onset atrial fibrillation. INR was 2.4 on warfarin 5 mg; no bleeding. "
    "Repeat the INR in one week."
)
TYPES = ("drug", "dose", "finding", "test")
START = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)

st.set_page_config(page_title="Gallery", page_icon=str(ROOT / "app" / "favicon.png"), layout="wide", initial_sidebar_state=190)
st.html(ROOT / "app" / "style.css")


def the_run(name: str, status: RunStatus, seed: int = 7) -> TrainingRun:
    states = ["completed", "completed", "completed", "in_progress", "pending", "pending", "pending"]
    return TrainingRun(
        id=name,
        domain="clinical_notes",
        dataset="notes",
        dataset_version="notes@4",
        content_hash="0" * 64,
        optimizer=OptimizerSettings(name="mipro", auto="light"),
        metric=MetricConfig(),
        model="ollama/llama3.2:3b",
        seed=seed,
        status=status,
        phases=tuple(PhaseState(name=p, status=s) for p, s in zip(Phase, states, strict=True)),
        progress_percent=46,
        elapsed_ms=190_000,
        remaining_ms=220_000,
        calls=412,
        result=Scores(score=0.71, entity_f1=0.74, relation_f1=None),
        gain=Gain(test=0.09, low=0.02, high=0.16),
    )


def span(words: str, kind: str, line: spans.Line = "solid") -> spans.Span:
    at = NOTE.index(words)
    return spans.Span(at, at + len(words), kind, line)


heading.show(
    "clinical_notes, trained with MIPROv2 light",
    "run clinical_notes_20261120_153000 · llama3.2:3b (a80c4f17) · dataset notes, version 4: 71 train, 21 validation, 20 sealed · seed 7",
)
with st.container(border=True):
    phase_bar.show(the_run("clinical_notes_20261120_153000", RunStatus.RUNNING))
    metrics_row.show(
        [
            metrics_row.Metric("Entity F1, validation", "0.71", 0.17),
            metrics_row.Metric("Relation F1, validation", "0.38", -0.09),
            metrics_row.Metric("Trial", "12 of 20"),
            metrics_row.Metric("Calls", "412 of ~890"),
            metrics_row.Metric("Failed parses", "3", 0.0),
            metrics_row.Metric("Tokens", "1.24 M"),
            metrics_row.Metric("Cost", "–", why="the provider names no price"),
        ]
    )
left, right = st.columns([1.5, 1], gap="medium")
with left:
    heading.section("Trials")
    best = [0.54, 0.58, 0.49, 0.61, 0.63, 0.60, 0.66, 0.52, 0.68, 0.67, 0.71, 0.69]
    trials = [trial_chart.Trial(i + 1, score, full=i in (0, 5, 10), note=HOSTILE if i == 3 else "") for i, score in enumerate(best)]
    trial_chart.show(trials, key="trials", planned=20, baseline=0.54, band=trial_chart.Band(0.80, 0.86, "where two annotators agree"))
with right:
    heading.section("Best instructions, against the start")
    prompt_diff.show(
        "Extract entities from the text.",
        "Extract every finding, drug, dose and body site exactly as written, abbreviations included from the text; leave out dates.",
    )
    heading.section("Samples that changed")
    changed = [["note 17", "0.25", "0.88", "+0.63"], ["note 31", "0.40", "0.80", "+0.40"], ["note 08", "0.80", "0.50", "−0.30"]]
    table.show(("sample", "start", "best", "change"), changed, right=(1, 2, 3), key="changed", picks=("17", "31", "08"))

heading.section("Log")
KINDS = (EventType.LLM_REQUEST, EventType.LLM_RESPONSE, EventType.SAMPLE_RESULT, EventType.EVALUATION_RESULT)


def an_event(number: int) -> Event:
    return Event(
        seq=number,
        key=f"k{number}",
        event_type=KINDS[number % 4],
        timestamp=START + timedelta(seconds=number),
        training_run_id="r",
        domain="clinical_notes",
        progress_percent=number / 10,
        phase=None,
        message=HOSTILE if number == 398 else f"note {number % 20}: 3 relations, 412 ms, 1,310 + 84 tokens",
        data={"prompt": {"$text": "h"}, "tokens": number},
    )


SEEN = [an_event(number) for number in range(380, 413)]


def draw_log() -> bool:
    event_log.show("r", lambda after: [e for e in SEEN if e.seq > after], key="log", texts=lambda _: HOSTILE * 3)
    return True


live.show(draw_log, running=True)

heading.show(
    "clinical_notes: two runs side by side",
    "same dataset version 4, same sealed test of 20 samples, second look",
    chips=[chips.run("bootstrap, 20 Nov 14:02", "A"), chips.run("MIPROv2 light, 20 Nov 15:30", "B")],
)
left, right = st.columns([1.5, 1], gap="medium")
with left:
    heading.section("Is B better than A?")
    interval_plot.show(
        [
            interval_plot.Difference("score", 0.08, 0.02, 0.145, 0.12),
            interval_plot.Difference("entity F1", 0.09, 0.02, 0.16, 0.14),
            interval_plot.Difference("relation F1", 0.04, -0.05, 0.13, 0.07),
        ],
        key="intervals",
        luck=0.051,
        luck_text="luck alone, best of 20",
    )
    heading.sentence(
        "Entities: ", chips.strong("better"), ", +0.09 (0.02 to 0.16). Relations: ", chips.strong("no difference shown"),
        "; about 55 more test samples would show 5 points.",
    )  # fmt: skip
with right:
    heading.section("What differs")
    table.show(
        ("setting", "A", "B"),
        [["optimizer", "bootstrap", "mipro light"], ["demos", "8", "5"], ["cost", "$0", "$0"], ["note", HOSTILE, "–"]],
    )
    with st.container(horizontal=True):
        st.button("Deploy B", type="primary")
        st.button("Diff prompts", icon=":material/difference:")
        export.buttons(lambda: [{"a": "=1+1"}], name="runs", key="export")
left, right = st.columns([1, 1.5], gap="medium")
with left:
    heading.section("Sample by sample: 2 better, 1 worse, 1 same")
    pairs = [("n1", 0.5, 0.8), ("n2", 0.42, 0.45), ("n3", 0.96, 0.9), ("n4", 0.6, 0.6)]
    sample_scatter.show([sample_scatter.Pair(HOSTILE if name == "n1" else name, a, b) for name, a, b in pairs], key="scatter")
with right:
    heading.section("note 08: worse in B (0.80 → 0.50)")
    colors = spans.type_colors(TYPES)
    gold = [span("metoprolol", "drug"), span("25 mg", "dose"), span("atrial fibrillation", "finding"), span("INR", "test")]
    found_b = [span("metoprolol 25 mg", "drug"), span("fibrillation", "finding"), span("INR", "test")]
    spans.compare(NOTE, {"gold": gold, "A": spans.against(gold, gold[:3]), "B": spans.against(gold, found_b)}, colors=colors)
    heading.section("With type names")
    dotted = [span("warfarin", "drug", "dotted"), span("bleeding", "finding", "dashed"), span("no bleeding", "test")]
    spans.type_names(TYPES)
    picked = spans.show(NOTE, gold + dotted, colors=colors, key="spans", chosen=1)
    st.text(f"picked {picked}")
    spans.show(HOSTILE, [spans.Span(0, 12, HOSTILE)], colors=colors)

heading.section("A text beside its tables")
MANY = "\n\n".join([NOTE, *(f"Paragraph {number} says nothing of it." for number in range(40)), "At last lisinopril was stopped."])
known = [("metoprolol", "drug"), ("25 mg", "dose"), ("warfarin", "drug"), ("INR", "test"), ("lisinopril", "drug")]
said = [
    spans.Span(MANY.index(words), MANY.index(words) + len(words), kind, "dotted", name=f"m{n}") for n, (words, kind) in enumerate(known)
]
names = [linked.Row((words, linked.tag(kind, colors), "1"), about=(f"m{n}",)) for n, (words, kind) in enumerate(known)]
names.append(linked.Row(("aspirin", linked.tag("drug", colors), "1"), pick="aspirin", why=HOSTILE))
links = [linked.Row(("metoprolol", linked.predicate("has_dose"), "25 mg"), about=("m0", "m1"))]
told = linked.show(
    linked.Passage(MANY, said),
    [
        linked.Listing("Entities", "6 different", ("text", "type", "mentions"), names, right=(2,)),
        linked.Listing("Relations", "1 different", ("subject", "predicate", "object"), links, pairs=True),
    ],
    colors=colors, key="linked",
)  # fmt: skip
st.session_state["told"] = [*st.session_state.get("told", []), *([told] if told else [])]
st.text(f"told {len(st.session_state['told'])}")

prompt_diff.show("One line.\nA second line stays.", "Another line.\nA second line stays.\nA third.", view="sides", names=("v1", "v2"))
a, b, c = (Demo(inputs={"text": f"text {n}"}, outputs={"entities": [f"e{n}"]}, sample_id=f"note {n}") for n in range(3))
prompt_diff.show_demos([a, b], [b.model_copy(update={"outputs": {"entities": ["e1", HOSTILE]}}), c])

heading.section("Runs")
runs = [the_run("clinical_notes_20261120_153000", RunStatus.COMPLETED), the_run("clinical_notes_20261120_140200", RunStatus.FAILED, seed=8)]
run_table.show(runs, key="runs", selected=["clinical_notes_20261120_140200"], notes={"clinical_notes_20261120_153000": HOSTILE})
pager.show(1310, key="pager", noun="samples")
chips.show(
    chips.domain("clinical_notes"),
    *(chips.status(name) for name in ("completed", "running", "pending", "failed", "interrupted", "cancelled", "canary")),
)
notice.show("there is no dataset 'notse'", "known: notes, " + HOSTILE, level="error")
notice.show("Deployed clinical_notes-v20261120_153702.", level="done")
empty_state.show("No runs yet. Train a domain to see whether its prompts get better.", "Train one now", key="empty")
with st.expander(labels.label(HOSTILE, longest=400)):
    st.text(HOSTILE)
confirm_delete.show("clinical_notes", ["2 runs", "1 deployed prompt"], stays=["112 samples"], key="delete")
