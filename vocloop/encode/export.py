"""Writes a packed model as a SentenceTransformer folder: BERT, mean pooling, unit length.

The files are those that sentence-transformers and transformers save and read themselves; they
are written directly so that neither torch nor a second copy of the weights is needed.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram

from vocloop.encode.charsmap import charsmap
from vocloop.encode.packed import PackedModel, Tensor
from vocloop.encode.port import Progress

# The model was trained with these in front of every text (its model card). "query: " is the one
# for comparing texts with each other, which is what themes need; so it is the default.
_PROMPTS = {"query": "query: ", "passage": "passage: "}

# Precompiled replaces a short grapheme as a whole when its first character is in the map, and so
# loses the accent of "Ａ́" where the map, which speaks of single characters, keeps it. A control
# character ends a grapheme: set in front of every character that is not ASCII (those can join a
# grapheme, whichever version of Unicode decides), and mapped to nothing.
_SEAM = Regex(r"(?!\A)(?=[^\x00-\x7f])")
_BREAK = "\u0001"


def write_folder(model: PackedModel, folder: Path, progress: Progress | None = None) -> None:
    """Write ``model`` into the empty ``folder``. ``progress`` counts bytes of weights.

    Raises OSError when the disk refuses, ValueError when the model lacks a tensor or has one of
    another size than its header says.
    """
    write_configuration(model, folder)
    _write_weights(model, folder / "model.safetensors", progress)


def write_configuration(model: PackedModel, folder: Path) -> None:
    """Write all files but the weights. Raises OSError."""
    texts: dict[str, Any] = {
        "config.json": _config(model),
        "tokenizer_config.json": _tokenizer_config(model),
        "modules.json": _modules("Transformer", "Pooling", "Normalize"),
        "sentence_bert_config.json": {"max_seq_length": model.positions, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": _PROMPTS,
            "default_prompt_name": "query",
            "similarity_fn_name": "cosine",
        },
        "1_Pooling/config.json": {
            "word_embedding_dimension": model.hidden,
            "pooling_mode_mean_tokens": True,
        },
    }
    for name, content in texts.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    (folder / "2_Normalize").mkdir()
    (folder / "tokenizer.json").write_text(_tokenizer(model).to_str(), encoding="utf-8")


def _tokenizer(model: PackedModel) -> Tokenizer:
    """The model's own tokeniser: the wheel's token ids for the wheel's normalisation.

    One difference is kept on purpose: neighbouring unknown characters make one unknown token, as
    in SentencePiece, with which the model was trained; the wheel makes one of each.
    """
    built = Tokenizer(
        Unigram(list(zip(model.pieces, model.scores, strict=True)), unk_id=model.unknown)
    )
    built.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(_SEAM, _BREAK),
            normalizers.Precompiled(charsmap({**model.replacements, _BREAK: ""})),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    built.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=False)
    begin, end = model.pieces[model.begin], model.pieces[model.end]
    built.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        pair=f"{begin} $A {end} {end} $B {end}",
        special_tokens=[(begin, model.begin), (end, model.end)],
    )
    built.add_special_tokens([begin, end, model.pieces[model.padding], model.pieces[model.unknown]])
    return built


def _config(model: PackedModel) -> dict[str, Any]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": model.hidden,
        "num_hidden_layers": model.layers,
        "num_attention_heads": model.heads,
        "intermediate_size": model.intermediate,
        "hidden_act": "gelu",
        "vocab_size": model.vocabulary,
        "max_position_embeddings": model.positions,
        "type_vocab_size": model.token_types,
        "layer_norm_eps": model.layer_norm_epsilon,
        "pad_token_id": model.padding,
        "torch_dtype": "float32",
    }


def _tokenizer_config(model: PackedModel) -> dict[str, Any]:
    begin, end = model.pieces[model.begin], model.pieces[model.end]
    return {
        # The class that takes tokenizer.json as it is.
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": model.positions,
        "bos_token": begin,
        "cls_token": begin,
        "eos_token": end,
        "sep_token": end,
        "pad_token": model.pieces[model.padding],
        "unk_token": model.pieces[model.unknown],
        # "<mask>" in a customer's text is text.
        "split_special_tokens": True,
        "clean_up_tokenization_spaces": False,
    }


def _modules(*kinds: str) -> list[dict[str, Any]]:
    return [
        {
            "idx": index,
            "name": str(index),
            "path": f"{index}_{kind}" if index else "",
            "type": f"sentence_transformers.models.{kind}",
        }
        for index, kind in enumerate(kinds)
    ]


def _layout(model: PackedModel) -> dict[str, tuple[Tensor, tuple[int, ...]]]:
    """The tensors of transformers' BertModel by name, each with its shape (out, in)."""
    hidden, wide = model.hidden, model.intermediate
    shapes: dict[str, tuple[str, tuple[int, ...]]] = {
        "embeddings.word_embeddings.weight": ("emb.word", (model.vocabulary, hidden)),
        "embeddings.position_embeddings.weight": ("emb.pos", (model.positions, hidden)),
        "embeddings.token_type_embeddings.weight": ("emb.type", (model.token_types, hidden)),
        "embeddings.LayerNorm.weight": ("emb.ln.w", (hidden,)),
        "embeddings.LayerNorm.bias": ("emb.ln.b", (hidden,)),
    }
    layer_shapes = {
        "attention.self.query": ("q", (hidden, hidden)),
        "attention.self.key": ("k", (hidden, hidden)),
        "attention.self.value": ("v", (hidden, hidden)),
        "attention.output.dense": ("ao", (hidden, hidden)),
        "attention.output.LayerNorm": ("aln", (hidden,)),
        "intermediate.dense": ("fi", (wide, hidden)),
        "output.dense": ("fo", (hidden, wide)),
        "output.LayerNorm": ("oln", (hidden,)),
    }
    for layer in range(model.layers):
        for name, (packed, shape) in layer_shapes.items():
            full = f"encoder.layer.{layer}.{name}"
            shapes[f"{full}.weight"] = (f"l{layer}.{packed}.w", shape)
            shapes[f"{full}.bias"] = (f"l{layer}.{packed}.b", shape[:1])
    layout = {
        name: (_tensor(model, packed, shape), shape) for name, (packed, shape) in shapes.items()
    }
    # BertModel has a pooler, which mean pooling never asks. Were it missing, transformers would
    # fill it with random numbers and warn of it.
    for name, shape in (("weight", (hidden, hidden)), ("bias", (hidden,))):
        zeros = np.zeros(math.prod(shape), dtype=np.float32)
        layout[f"pooler.dense.{name}"] = (Tensor(zeros.size, zeros), shape)
    return layout


def _tensor(model: PackedModel, name: str, shape: tuple[int, ...]) -> Tensor:
    tensor = model.tensors.get(name)
    if tensor is None:
        raise ValueError(f"tensor {name} is missing")
    if tensor.size != math.prod(shape):
        raise ValueError(f"tensor {name} has {tensor.size} weights where {shape} are due")
    return tensor


def _write_weights(model: PackedModel, path: Path, progress: Progress | None) -> None:
    """Write the weights in float32 as safetensors: header length, JSON header, tensors."""
    layout = _layout(model)
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    total = 0
    for name, (tensor, shape) in layout.items():
        length = 4 * tensor.size
        header[name] = {
            "dtype": "F32",
            "shape": list(shape),
            "data_offsets": [total, total + length],
        }
        total += length
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # readers map the file: keep the tensors aligned
    done = 0
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for tensor, _ in layout.values():
            for chunk in tensor.chunks():
                file.write(chunk.astype("<f4", copy=False).data)
                done += chunk.nbytes
                if progress:
                    progress(done, total)
