"""The models that the stand-in has, which of them are in memory, and what it tells about them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from core.records.base import Record

DEFAULT_CONTEXT = 4096
FOREVER = timedelta(days=365 * 100)


class ServedModel(Record):
    """A model that the stand-in claims to have."""

    name: str
    """With its tag."""
    size: int = 20_201_253_588
    family: str = "qwen3"
    parameter_size: str = "32.8B"
    quantization: str = "Q4_K_M"
    context_length: int = 40_960
    embedding_length: int = 64
    capabilities: tuple[str, ...] = ("completion",)
    characters_per_token: int = 4
    modified_at: str = "2026-11-20T15:07:31.942469303Z"

    @property
    def digest(self) -> str:
        """64 hexadecimal digits, made from the name."""
        return sha256(self.name.encode()).hexdigest()

    @property
    def details(self) -> dict[str, Any]:
        """As in `/api/tags`."""
        return {
            "parent_model": "",
            "format": "gguf",
            "family": self.family,
            "families": [self.family],
            "parameter_size": self.parameter_size,
            "quantization_level": self.quantization,
        }

    def listed(self) -> dict[str, Any]:
        """An entry of `/api/tags`."""
        known = {"name": self.name, "model": self.name, "modified_at": self.modified_at, "size": self.size, "digest": self.digest}
        return {**known, "details": self.details}

    def shown(self) -> dict[str, Any]:
        """The answer of `/api/show`."""
        blob = f"/models/blobs/sha256-{sha256(self.digest.encode()).hexdigest()}"
        template = "{{ range .Messages }}{{ .Role }}: {{ .Content }}\n{{ end }}assistant: "
        return {
            "modelfile": f'# Modelfile of a stand-in\n# FROM {self.name}\n\nFROM {blob}\nTEMPLATE "{template}"\n',
            "template": template,
            "details": {**self.details, "parent_model": blob},
            "model_info": self._info(),
            "tensors": [{"name": name, "type": "F32", "shape": shape} for name, shape in self._tensors()],
            "capabilities": list(self.capabilities),
            "modified_at": self.modified_at,
        }

    def _info(self) -> dict[str, Any]:
        own = {
            "attention.head_count": 4,
            "attention.head_count_kv": 4,
            "attention.layer_norm_rms_epsilon": 1e-05,
            "block_count": 1,
            "context_length": self.context_length,
            "embedding_length": self.embedding_length,
            "feed_forward_length": 2 * self.embedding_length,
            "rope.dimension_count": 8,
            "vocab_size": 263,
        }
        tokenizer: dict[str, Any] = {"add_bos_token": True, "bos_token_id": 1, "eos_token_id": 2, "model": self.family}
        tokenizer |= {"scores": None, "token_type": None, "tokens": None, "unknown_token_id": 0}
        return {
            "general.architecture": self.family,
            "general.file_type": 0,
            "general.parameter_count": 27168,
            **{f"{self.family}.{key}": value for key, value in own.items()},
            **{f"tokenizer.ggml.{key}": value for key, value in tokenizer.items()},
        }

    def _tensors(self) -> list[tuple[str, list[int]]]:
        width = self.embedding_length
        return [("token_embd.weight", [width, 263]), ("output_norm.weight", [width]), ("blk.0.attn_q.weight", [width, width])]

    def tokens(self, text: str) -> list[str]:
        """The text in pieces; joined they are the text again."""
        step = self.characters_per_token
        words = re.findall(r"\s*\S+|\s+", text)
        return [word[start : start + step] for word in words for start in range(0, len(word), step)]


TINY = ServedModel(
    name="tiny:latest",
    size=116_536,
    family="llama",
    parameter_size="27K",
    quantization="unknown",
    context_length=2048,
    embedding_length=32,
    characters_per_token=1,
)
"""The model with which the recording was made: 27,168 random weights, a token per byte."""

DEFAULT_MODELS = (
    ServedModel(name="qwen3:32b", capabilities=("completion", "tools", "thinking")),
    ServedModel(name="qwen3-vl:32b", family="qwen3vl", capabilities=("completion", "vision", "tools", "thinking")),
    ServedModel(
        name="nomic-embed-text:latest", family="nomic-bert", capabilities=("embedding",), context_length=2048, embedding_length=128
    ),
    TINY,
)


@dataclass
class InMemory:
    """A loaded model."""

    num_ctx: int
    shift: bool
    expires_at: datetime
    unloaded: bool = False


class Catalog:
    """Models on disk and in memory."""

    def __init__(self, models: tuple[ServedModel, ...], pullable: tuple[ServedModel, ...] = ()) -> None:
        self.models = {model.name: model for model in models}
        self.pullable = {model.name: model for model in pullable}
        self._memory: dict[str, InMemory] = {}

    def find(self, name: str) -> ServedModel | None:
        """The model under a name with or without its tag."""
        return self.models.get(tagged(name))

    def load(self, model: ServedModel, *, num_ctx: int | None, shift: bool, keep: timedelta) -> tuple[int, bool]:
        """Have the model in memory; its context and whether it had to be loaded. A changed num_ctx or shift reloads it."""
        size = min(num_ctx or DEFAULT_CONTEXT, model.context_length)
        there = self._memory.get(model.name)
        cold = there is None or there.unloaded or there.expires_at < datetime.now(UTC) or (there.num_ctx, there.shift) != (size, shift)
        self._memory[model.name] = InMemory(size, shift, datetime.now(UTC) + keep, unloaded=keep == timedelta())
        return size, cold

    def unload(self, model: ServedModel) -> None:
        """Take it out of memory; as with the real server the next `/api/ps` still lists it, the one after that does not."""
        if model.name in self._memory:
            self._memory[model.name].unloaded = True
            self._memory[model.name].expires_at = datetime.now(UTC)

    def loaded(self) -> list[dict[str, Any]]:
        """The entries of `/api/ps`."""
        now = datetime.now(UTC)
        self._memory = {name: there for name, there in self._memory.items() if there.unloaded or there.expires_at > now}
        listed = [self._entry(self.models[name], there) for name, there in self._memory.items() if name in self.models]
        self._memory = {name: there for name, there in self._memory.items() if not there.unloaded}
        return listed

    def _entry(self, model: ServedModel, there: InMemory) -> dict[str, Any]:
        entry = {key: value for key, value in model.listed().items() if key != "modified_at"}
        expires = there.expires_at.strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
        return {**entry, "size": model.size + 128 * there.num_ctx, "expires_at": expires, "size_vram": 0, "context_length": there.num_ctx}


def tagged(name: str) -> str:
    """The name with its tag."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"
