"""Deployments: which version a domain uses, since when and why; taking another into use, and going back."""

from uuid import uuid4

from core.errors import InvalidValueError, RequestError, UnknownNameError
from core.programs.deployed import production
from core.records.base import now
from core.records.prompts import Deployment, PromptVersion, Stage
from core.store.base import Operation, Put
from core.workbench import Workbench
from core.workflows.general import get_domain


def deployed(bench: Workbench, domain: str) -> Deployment | None:
    """The deployment in production, None where there is none."""
    return production(bench.store, domain)


def history(bench: Workbench, domain: str) -> list[Deployment]:
    """Every decision about a domain, newest first. Raises UnknownNameError."""
    get_domain(bench, domain)
    return list(bench.store.each(Deployment, {"domain": domain}, order="since", descending=True))


def deploy(
    bench: Workbench, domain: str, version: str, *, stage: Stage = Stage.PRODUCTION, by: str = "person", why: str = ""
) -> Deployment:
    """Take a version into use; what was at that stage before is retired in the same write. Doing it twice changes nothing.

    Raises:
        UnknownNameError: no such domain, or no such version of it; the hint lists those that exist.
        InvalidValueError: `retired` is no stage to deploy to.
        StaleRevisionError: somebody else deployed at the same moment.
    """
    if stage is Stage.RETIRED:
        raise InvalidValueError("a version is not deployed to be retired", hint="deploy another version, or roll back")
    decisions = history(bench, domain)
    found = bench.store.get(PromptVersion, version)
    if found is None or found.domain != domain:
        known = bench.store.page(PromptVersion, {"domain": domain}, order="created_at", descending=True, limit=20)
        raise UnknownNameError.of(f"prompt version of {domain}", version, [each.id for each in known])
    there = next((each for each in decisions if each.stage is stage), None)
    if there is not None and there.version == version:
        return there
    moment = now()
    made = Deployment(
        id=f"{version}/{stage.value}/{uuid4().hex[:8]}", domain=domain, version=version, stage=stage, since=moment, by=by, why=why
    )
    operations: list[Operation] = [
        Put(record=each.model_copy(update={"stage": Stage.RETIRED, "was": each.stage, "until": moment}))
        for each in decisions
        if each.stage is not Stage.RETIRED and (each.stage is stage or each.version == version)
    ]
    bench.store.write([*operations, Put(record=made)])
    return bench.store.get(Deployment, made.id) or made


def rollback(bench: Workbench, domain: str, *, by: str = "person") -> Deployment:
    """Take the version that was in production before into use again. A second rollback undoes the first.

    Raises:
        UnknownNameError: no such domain.
        RequestError: nothing is deployed, or nothing was before.
    """
    current = deployed(bench, domain)
    decisions = history(bench, domain)
    if current is None:
        raise RequestError(f"{domain} has no deployed version", hint=f"train it, or deploy one: python -m core versions {domain}")
    before = [each for each in decisions if each.was is Stage.PRODUCTION and each.until is not None and each.version != current.version]
    if not before:
        raise RequestError(
            f"{domain} has used no other version than {current.version}",
            hint=f"python -m core versions {domain} lists what can be deployed",
        )
    last = max(before, key=lambda each: (each.until or each.since, each.since))
    return deploy(bench, domain, last.version, by=by, why=f"rollback from {current.version}")
