"""Import as a conversation: choose, preview, see what is wrong, commit."""

import streamlit as st

from app import errors, state
from app.components import heading, live, metrics_row, notice, numbers
from app.components.drawn import draw, node
from app.components.metrics_row import Metric
from app.importing import Asked, Import, lines_of
from app.resources import workbench
from app.views import datasets_problems
from core.records.datasets import ImportReport
from core.workflows.domains import domain_names

PASTED = "pasted.jsonl"
NO_DOMAIN = "no domain"
_JOB = "datasets.import"


def show(dataset: str | None) -> None:
    """The whole conversation; `dataset` = the one to add to by default."""
    job: Import | None = state.remembered(_JOB, None)
    busy = job is not None and job.running
    asked = _ask(dataset, locked=busy)  # drawn also meanwhile: what a page does not draw, it forgets
    if job and busy:
        _under_way(job)
        return
    seen = job.report if job and job.preview and asked == job.asked else None
    with st.container(horizontal=True):
        preview = st.button(
            "Preview", key="datasets.import.preview", type="secondary" if seen else "primary", disabled=asked is None or not asked.dataset
        )
        commit = seen is not None and st.button(
            f"Add {numbers.plural(seen.added, 'sample')}", key="datasets.import.commit", type="primary", disabled=not seen.added
        )
        if st.button("Cancel", key="datasets.import.cancel"):
            leave()
    if asked and (preview or commit):
        state.remember(_JOB, Import(asked, preview=not commit).start(workbench()))
        st.rerun()
    if job and job.error and asked == job.asked:
        errors.show(job.error)
    if job and seen:
        _told(job.asked, seen)
    if job and not job.preview and job.report:
        _finished(job.asked, job.report)


def going_on() -> bool:
    """Whether this session began an import whose end it has not seen yet, also when it looked at other pages meanwhile."""
    job: Import | None = state.remembered(_JOB, None)
    return job is not None and not job.preview


def leave() -> None:
    """Close the conversation."""
    state.forget(_JOB)
    state.link("view", None)
    st.rerun()


def _ask(dataset: str | None, *, locked: bool) -> Asked | None:
    """The fields; what is asked, None where there is no file yet."""
    left, right = st.columns(2)
    name = left.text_input("Dataset: an existing one is added to", dataset or "", key="datasets.import.name", disabled=locked)
    known = domain_names(workbench())
    present = state.domain()
    domain = right.selectbox(
        "Domain: its schema must hold for the samples", [NO_DOMAIN, *known], known.index(present) + 1 if present in known else 0,
        key="datasets.import.domain", disabled=locked,
    )  # fmt: skip
    way = st.segmented_control("Source", ("File", "Paste"), default="File", required=True, key="datasets.import.way", disabled=locked)
    content, file = b"", PASTED
    if way == "File":
        given = st.file_uploader(
            "A .jsonl file, one sample a line", type=["jsonl", "json", "ndjson", "txt"], key="datasets.import.file", disabled=locked
        )
        draw(
            node(
                "faint small",
                "Files are held in memory here and limited to 200 MB. Larger ones: python -m core import DATASET FILE --domain DOMAIN",
            )
        )
        content, file = (given.getvalue(), given.name) if given else (b"", "")
    else:
        pasted = st.text_area(
            "Samples, one JSON object a line", key="datasets.import.pasted", height=180, disabled=locked,
            placeholder='{"text": "...", "entities": ["A", "B"], "relations": [{"subject": "A", "predicate": "uses", "object": "B"}]}',
        )  # fmt: skip
        content = (pasted or "").encode("utf-8", "surrogatepass")
    chosen = None if domain in (None, NO_DOMAIN) else domain
    return Asked(dataset=(name or "").strip(), domain=chosen, content=content, name=file) if content else None


def _under_way(job: Import) -> None:
    def bar() -> bool:
        words = f"{'Looking through' if job.preview else 'Adding'} {job.asked.name}: {numbers.plural(job.lines, 'line')}"
        draw(
            node(
                "column",
                node("phase-now", f"{words} · {numbers.percent(job.share)} of {numbers.size(len(job.asked.content))}"),
                node("bar", node("bar-done", share=job.share), role="progressbar", label=words),
            )
        )
        return job.running

    live.show(bar, running=True, every=0.5)
    if st.button("Stop", key="datasets.import.stop", icon=":material/stop:", disabled=job.stop.is_set()):
        job.stop.set()
        st.rerun()


def _told(asked: Asked, report: ImportReport) -> None:
    """What an import would do."""
    if report.stopped:
        notice.show("The preview was stopped; it looked at a part of the file only")
        return
    heading.section(f"{asked.dataset} afterwards", "nothing is written yet")
    figures(report)
    for note in report.notes[:5]:
        notice.show(note)
    if len(report.notes) > 5:
        draw(node("faint small", f"and {numbers.plural(len(report.notes) - 5, 'more note')}"))
    if not report.added and not report.problems:
        notice.show("Every sample of the file is there already: nothing would be added")
    content, lines = asked.content, frozenset(problem.line for problem in report.problems)
    datasets_problems.show(report, key="datasets.preview", to_mend=lambda: lines_of(content, lines))


def figures(report: ImportReport) -> None:
    """An import's counts in a row."""
    splits = report.splits
    metrics_row.show(
        [
            Metric("Lines", numbers.count(report.lines)),
            Metric("New samples", numbers.count(report.added)),
            Metric("Already there", numbers.count(report.duplicates)),
            Metric("Problems", numbers.count(len(report.problems) + report.unlisted), why="Lines that were not taken, or only in part"),
            Metric("Samples", numbers.count(report.samples), why="Of the dataset afterwards, as all that follow"),
            Metric("Train · val · sealed test", " · ".join(numbers.count(each) for each in (splits.train, splits.val, splits.test))),
            *([Metric("In no split", numbers.count(splits.none))] if splits.none else []),
            Metric("Entities", numbers.count(report.entities)),
            Metric("Relations", numbers.count(report.relations)),
            Metric("Ungrounded", numbers.count(report.ungrounded), why="Entities whose name is not in the text"),
            Metric(
                "Near-duplicates", numbers.count(report.near_duplicates), why="Samples that resemble another one; a dash: too many to look"
            ),
        ]
    )


def _finished(asked: Asked, report: ImportReport) -> None:
    """After the commit: to the dataset, with a word of what happened."""
    state.forget(_JOB)
    if report.stopped:
        state.flash("The import was stopped: nothing was added.")
    else:
        problems = len(report.problems) + report.unlisted
        bad = f"; {numbers.plural(problems, 'problem')} listed under Problems" if problems else ""
        state.flash(f"{numbers.plural(report.added, 'sample')} added to {asked.dataset}{bad}.")
        state.link("dataset", asked.dataset)
    state.link("view", None)
    st.rerun()
