"""Small names of things: domain, run, status. Each carries a letter or mark, so color is never alone."""

from app.components.drawn import Node, draw, node, text

_STATUS: dict[str, tuple[str, str]] = {
    "completed": ("good", "✓"),
    "ready": ("good", "✓"),
    "production": ("good", "✓"),
    "connected": ("good", "✓"),
    "passed": ("good", "✓"),
    "running": ("now", "spin"),
    "training": ("now", "spin"),
    "in_progress": ("now", "spin"),
    "candidate": ("now", "○"),
    "canary": ("now", "◐"),
    "failed": ("bad", "✕"),
    "error": ("bad", "✕"),
    "disconnected": ("bad", "✕"),
    "interrupted": ("bad", "‖"),
    "cancelled": ("quiet", "–"),
    "skipped": ("quiet", "–"),
    "retired": ("quiet", "–"),
}


def domain(name: str) -> Node:
    """A domain's chip, as a node for `heading.show` or `show`."""
    return _chip("domain", "", name)


def run(label: str, side: str = "") -> Node:
    """A run's or version's chip; `side` "A" or "B" gives letter and color where two are compared."""
    return _chip({"A": "run-a", "B": "run-b"}.get(side, "quiet"), side, label)


def status(name: str, label: str = "") -> Node:
    """A state's chip with its mark: any RunStatus, DomainStatus, Stage, phase or provider state; others are quiet."""
    kind, mark = _STATUS.get(name, ("quiet", "·"))
    return _chip(kind, mark, label or name.replace("_", " "))


def strong(words: str) -> Node:
    """Words set off in running text."""
    return text("strong", words)


def show(*chips: "Node | str") -> None:
    """Draw chips and words in one line that wraps."""
    draw(node("flow", *chips))


def _chip(kind: str, mark: str, label: str) -> Node:
    marks = [text("mark spin" if mark == "spin" else "mark", "" if mark == "spin" else mark)] if mark else []
    return node(f"chip {kind}", *marks, text("chip-name", label), tag="span", title=label if len(label) > 40 else None)
