"""Every verb: the module that does it, and what it does in a line. A new verb is one module and one line here."""

from typing import NamedTuple


class Verb(NamedTuple):
    """Where a verb lives. `internal` ones are for the workbench's own processes and are not listed."""

    module: str
    help: str
    internal: bool = False


VERBS: dict[str, Verb] = {
    "domains": Verb("domains", "list, show, create, set ready or delete kinds of documents"),
    "import": Verb("imports", "take annotated samples into a dataset"),
    "export": Verb("exports", "write a dataset to a file"),
    "estimate": Verb("estimate", "say what a training run would take"),
    "train": Verb("train", "train a domain's prompts and follow the run"),
    "runs": Verb("runs", "list training runs, newest first"),
    "run": Verb("run", "show, follow, cancel or resume one run"),
    "compare": Verb("compare", "set two runs side by side"),
    "evaluate": Verb("evaluate", "score a prompt version on a dataset"),
    "evaluate-log": Verb("evaluate_log", "calls, failures and scores from a run's log alone"),
    "prompt": Verb("prompt", "print the plain prompt of a domain"),
    "versions": Verb("versions", "list a domain's prompt versions"),
    "deploy": Verb("deploy", "let a domain use a prompt version"),
    "rollback": Verb("rollback", "go back to the version that was in production before"),
    "classify": Verb("classify", "say which domain documents belong to"),
    "extract": Verb("extract", "read entities and relations out of documents"),
    "recognizer": Verb("recognizer", "train, show or deploy the head that tells the domains apart"),
    "models": Verb("models", "list or test models"),
    "store": Verb("store", "check the store or back it up"),
    "verify": Verb("verify", "say what of the installation works"),
    "demo": Verb("demo", "load the sample domains, train one, recognize and read documents"),
    "runner": Verb("runner", "supervise queued runs of this store", internal=True),
    "attempt": Verb("attempt", "work on one queued run", internal=True),
}
