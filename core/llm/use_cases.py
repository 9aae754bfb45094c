"""What the workbench uses models for, and the sampling parameters of each."""

from functools import lru_cache

from core.records.models import Parameters, UseCase

_EXTRACTION = Parameters(temperature=0.2, top_k=20, top_p=0.7, max_tokens=4096, repeat_penalty=1.0)

DEFAULTS: dict[UseCase, Parameters] = {
    UseCase.INTENT_CLASSIFICATION: Parameters(temperature=0.3, top_k=10, top_p=0.5, max_tokens=256, repeat_penalty=1.0),
    UseCase.ENTITY_EXTRACTION: _EXTRACTION,
    UseCase.ANSWER_GENERATION: Parameters(temperature=0.7, top_k=40, top_p=0.9, max_tokens=2048, repeat_penalty=1.1),
    UseCase.FOLLOWUP_TITLES: Parameters(temperature=0.8, top_k=50, top_p=0.95, max_tokens=512, repeat_penalty=1.2),
    UseCase.QUERY_DECOMPOSITION: Parameters(temperature=0.4, top_k=30, top_p=0.8, max_tokens=1024, repeat_penalty=1.0),
    UseCase.VISION_VLM: Parameters(temperature=0.5, top_k=40, top_p=0.9, max_tokens=1024, repeat_penalty=1.0),
    UseCase.TRAINING_TASK: _EXTRACTION,
    UseCase.TRAINING_PROPOSER: Parameters(temperature=1.0, top_k=40, top_p=0.95, max_tokens=2048, repeat_penalty=1.0),
    UseCase.AUGMENTATION: Parameters(temperature=0.58, top_k=40, top_p=0.9, max_tokens=2048, repeat_penalty=1.0),
    UseCase.DISCOVERY: Parameters(temperature=0.3, top_k=20, top_p=0.8, max_tokens=1024, repeat_penalty=1.0),
}


@lru_cache(maxsize=256)
def effective(use_case: UseCase, call: Parameters) -> Parameters:
    """The parameters that are sent: what the call sets wins over the use case's defaults."""
    return DEFAULTS[use_case].model_copy(update=call.model_dump(exclude_none=True))
