"""Settings and where each came from: argument > environment > config/workbench.yml > default."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import SettingsError

CONFIG_FILE = Path("config/workbench.yml")


def _env(name: str, default: Any, **bounds: Any) -> Any:
    """A field that the environment variable `name` can set."""
    return Field(default, json_schema_extra={"env": name}, **bounds)


class Settings(BaseModel):
    """Everything that can be set. Frozen; `origins` says for each name where its value came from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    store: str = _env("WORKBENCH_STORE", "sqlite:///data/workbench.db")
    ollama_base_url: str = _env("OLLAMA_BASE_URL", "http://localhost:11434")
    ollama_model_generation: str = _env("OLLAMA_MODEL_GENERATION", "qwen3:32b")
    ollama_context_size: int = _env("OLLAMA_CONTEXT_SIZE", 8192, ge=512, le=1_048_576)
    ollama_timeout_seconds: float = _env("OLLAMA_TIMEOUT_SECONDS", 120.0, gt=0)
    ollama_keep_alive: str = _env("OLLAMA_KEEP_ALIVE", "5m")
    dspy_auto_mode: Literal["light", "medium", "heavy"] = _env("DSPY_AUTO_MODE", "light")
    training_threads: int = _env("TRAINING_THREADS", 4, ge=1, le=64)
    model_retries: int = _env("MODEL_RETRIES", 2, ge=0, le=10)
    failure_limit: float = _env("FAILURE_LIMIT", 0.2, ge=0, le=1)
    embedding_model: str = _env("EMBEDDING_MODEL", "minilm")
    classification_threshold: float = _env("CLASSIFICATION_THRESHOLD", 0.5, ge=0, le=1)
    classification_characters: int = _env("CLASSIFICATION_CHARACTERS", 2000, ge=200, le=100_000)
    chunk_tokens: int = _env("CHUNK_TOKENS", 800, ge=64, le=100_000)
    chunk_overlap_tokens: int = _env("CHUNK_OVERLAP_TOKENS", 80, ge=0, le=10_000)
    tokenizer_folder: Path = _env("TOKENIZER_FOLDER", Path("data/tokenizers"))
    extraction_threads: int = _env("EXTRACTION_THREADS", 4, ge=1, le=64)
    document_seconds: float = _env("DOCUMENT_SECONDS", 60, gt=0)
    document_memory_mb: int = _env("DOCUMENT_MEMORY_MB", 1024, ge=64)
    log_folder: Path = _env("LOG_FOLDER", Path("data/logs"))
    host: str = _env("WORKBENCH_HOST", "127.0.0.1")
    port: int = _env("WORKBENCH_PORT", 8501, ge=1, le=65535)
    allowed_hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "[::1]")
    origins: dict[str, str] = Field(default_factory=dict)


NAMES = tuple(name for name in Settings.model_fields if name != "origins")


def environment_name(name: str) -> str | None:
    """The environment variable that sets a field, None where there is none."""
    extra = Settings.model_fields[name].json_schema_extra
    return str(extra["env"]) if isinstance(extra, dict) and "env" in extra else None


def load_settings(
    arguments: Mapping[str, Any] | None = None, *, environ: Mapping[str, str] | None = None, file: Path = CONFIG_FILE
) -> Settings:
    """Resolve every setting.

    Raises:
        SettingsError: the file is no mapping, names an unknown setting, or a value is outside its range; file and line are named.
    """
    environ = os.environ if environ is None else environ
    values, origins, lines = _from_file(file)
    for name in NAMES:
        variable = environment_name(name)
        if variable and environ.get(variable):
            values[name], origins[name] = environ[variable], f"environment {variable}"
    for name, value in (arguments or {}).items():
        if value is not None:
            values[name], origins[name] = value, "argument"
    try:
        return Settings(**values, origins={name: origins.get(name, "default") for name in NAMES})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "?"
        where = f"{file}:{lines[name]}" if origins.get(name, "").startswith(str(file)) else origins.get(name, str(file))
        raise SettingsError(f"setting {name!r} from {where}: {first['msg'].lower()}", hint=f"known settings: {', '.join(NAMES)}") from error


def _from_file(file: Path) -> tuple[dict[str, Any], dict[str, str], dict[str, int]]:
    if not file.exists():
        return {}, {}, {}
    text = file.read_text(encoding="utf-8")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise SettingsError(
            f"{file} is no readable YAML: {' '.join(str(error).split())}", hint="mend the named line, or remove the file"
        ) from error
    if not isinstance(values, dict):
        raise SettingsError(
            f"{file}:1: expected `name: value` lines, found {type(values).__name__}", hint=f"known settings: {', '.join(NAMES)}"
        )
    lines = {str(key.value): key.start_mark.line + 1 for key, _ in node.value} if isinstance(node, yaml.MappingNode) else {}
    unknown = [name for name in values if name not in NAMES]
    if unknown:
        raise SettingsError(
            f"{file}:{lines[str(unknown[0])]}: there is no setting {unknown[0]!r}", hint=f"known settings: {', '.join(NAMES)}"
        )
    return dict(values), {name: f"{file}:{lines[name]}" for name in values}, lines
