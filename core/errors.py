"""What can go wrong, said so that the reader can mend it.

    WorkbenchError
    ├── RequestError              what was asked cannot be done as asked
    │   ├── UnknownNameError      no such thing; the hint lists what exists
    │   ├── InvalidValueError     a value outside what is allowed
    │   ├── TooFewSamplesError    not enough annotated samples for the optimizer
    │   └── UnreadableFileError   a file that is missing or cannot be read
    ├── ConflictError             the state of things forbids it now
    │   ├── AlreadyExistsError    the name is taken
    │   ├── StaleRevisionError    somebody else changed it since it was read
    │   └── BusyError             a run of that domain is going on
    ├── StoreError                the store cannot serve
    │   ├── StoreUnavailableError not reachable, locked, or the disk is full
    │   ├── StoreDamagedError     the file is no store, or is damaged
    │   ├── StoreTooNewError      written by a newer version
    │   └── LeaseLostError        another process took over; this one must stop writing
    ├── ModelError                a model did not give an answer that can be used
    │   ├── ModelUnavailableError not reachable, timed out, overloaded or failing (worth a retry)
    │   ├── ModelNotFoundError    the provider has no such model
    │   ├── ModelRefusedError     the provider calls the request itself wrong
    │   ├── ContextOverflowError  prompt and answer do not fit the model's context
    │   ├── CallCancelledError    the caller no longer wanted the answer; never retried
    │   └── AnswerError           empty, cut off, no JSON, or not of the asked shape
    ├── RunError                  a training run cannot go on
    │   ├── TooManyFailuresError  more calls failed than the limit allows
    │   └── DivergedError         a resumed run no longer matches its record
    ├── MissingPartError          a part that is not installed, with how to get it
    └── SettingsError             a setting that cannot be used, with file and line

Only the entry points (page, command line, API) translate these; everything below raises them.
"""


class WorkbenchError(Exception):
    """Something an analyst can understand and mend: a message of what happened and a hint of what to do."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class RequestError(WorkbenchError):
    """What was asked cannot be done as asked."""


class UnknownNameError(RequestError):
    """No such thing; the hint lists what exists."""

    @classmethod
    def of(cls, what: str, name: str, known: "list[str] | tuple[str, ...]") -> "UnknownNameError":
        """The usual form: what was asked, what exists."""
        listed = ", ".join(sorted(known)[:20]) if known else "none yet"
        return cls(f"there is no {what} {name!r}", hint=f"known: {listed}")


class InvalidValueError(RequestError):
    """A value outside what is allowed."""


class TooFewSamplesError(RequestError):
    """Not enough annotated samples for what was asked."""


class UnreadableFileError(RequestError):
    """A file that is missing or cannot be read."""


class ConflictError(WorkbenchError):
    """The state of things forbids it now."""


class AlreadyExistsError(ConflictError):
    """The name is taken."""


class StaleRevisionError(ConflictError):
    """Somebody else changed it since it was read."""


class BusyError(ConflictError):
    """Another run or import of the same thing is going on."""


class StoreError(WorkbenchError):
    """The store cannot serve."""


class StoreUnavailableError(StoreError):
    """Not reachable, locked for too long, or the disk is full."""


class StoreDamagedError(StoreError):
    """The file is no store of ours, or it is damaged."""


class StoreTooNewError(StoreError):
    """Written by a newer version of the workbench."""


class LeaseLostError(StoreError):
    """Another process took over this piece of work; this one must stop writing."""


class ModelError(WorkbenchError):
    """A model did not give an answer that can be used."""


class ModelUnavailableError(ModelError):
    """Not reachable, timed out, overloaded or failing: worth another try."""

    def __init__(self, message: str, *, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class ModelNotFoundError(ModelError):
    """The provider has no such model."""


class ModelRefusedError(ModelError):
    """The provider calls the request itself wrong; another try would fail alike."""


class ContextOverflowError(ModelError):
    """Prompt and answer do not fit the model's context."""


class CallCancelledError(ModelError):
    """The caller said in the middle of an answer that it no longer wants it; not a failure of the model, never retried."""


class AnswerError(ModelError):
    """Empty, cut off, no JSON, or not of the asked shape."""

    def __init__(self, message: str, *, hint: str = "", answer: str = "") -> None:
        super().__init__(message, hint=hint)
        self.answer = answer


class RunError(WorkbenchError):
    """A training run cannot go on."""


class TooManyFailuresError(RunError):
    """More calls failed than the limit allows."""


class DivergedError(RunError):
    """A resumed run no longer matches its record."""


class MissingPartError(WorkbenchError):
    """A part that is not installed; the hint says how to get it."""


class SettingsError(WorkbenchError):
    """A setting that cannot be used."""
