#!/usr/bin/env python3
"""Hostile checkpoints: mutates the folders samples/words and samples/words-flow, and golden checkpoints in single files, and lets `inspect` and
`sample` look at each.

    python3 src/test/campaigns/hostile_checkpoints.py --classpath "$(cat CLASSPATH_FILE)" [--only WORD] [--every N] [--results FILE]

The class path must hold all modules and the classes of src/test. Everything runs in child processes with a limit of time and memory. Prints a
line per case and at the end the counts: loaded, refused (exit 2, 3 or 4), stack trace, abort, hang, memory. The last four must be 0. With
--results each case is a line of a file, and the same command goes on where it stopped; the counts are those of all lines. Nothing outside the standard library is needed; about a second a case.
"""
import argparse, base64, collections, json, os, resource, shutil, struct, subprocess, sys, tempfile, threading, time

sys.dont_write_bytecode = True  # nothing is left beside the programs
from kill import processor_seconds

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
CASES = []  # (name, base folder, function of the copy, whether it must load or None)
SECONDS, CLOCK, RESIDENT = 120, 1800, 5 << 30  # of processor time and on the clock, for a command; bytes


def case(name, base, change, loads=None):
    CASES.append((name, base, change, loads))


# ---- helpers on files

def edit_json(file, change):
    def run(folder):
        path = os.path.join(folder, file)
        value = json.load(open(path))
        change(value)
        json.dump(value, open(path, "w"))
    return run


def text(file, content):
    def run(folder):
        path = os.path.join(folder, file)
        if os.path.lexists(path):
            os.remove(path)
        open(path, "wb").write(content if isinstance(content, bytes) else content.encode())
    return run


def read_tensors(path):
    data = open(path, "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    return json.loads(data[8:8 + size]), data[8 + size:]


def write_tensors(path, header, data):
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    open(path, "wb").write(struct.pack("<Q", len(head)) + head + data)


def tensors(file, change):
    """change(header, bytearray of the data) -> None or a new (header, data)"""
    def run(folder):
        path = os.path.join(folder, file)
        header, data = read_tensors(path)
        data = bytearray(data)
        header, data = change(header, data) or (header, data)
        write_tensors(path, header, bytes(data))
    return run


def special(file, make):
    def run(folder):
        path = os.path.join(folder, file)
        if os.path.isdir(path):
            shutil.rmtree(path)
        elif os.path.lexists(path):
            os.remove(path)
        make(path)
    return run


def sparse(size):
    def make(path):
        with open(path, "wb") as file:
            file.truncate(size)
    return make


def hub_cache(file):
    """As Hugging Face's cache has it: a link to ../../blobs/HASH outside the folder."""
    def run(folder):
        path = os.path.join(folder, file)
        blobs = folder + "-blobs"
        os.makedirs(blobs, exist_ok=True)
        blob = os.path.join(blobs, "0123456789abcdef")
        shutil.move(path, blob)
        os.symlink(os.path.relpath(blob, os.path.dirname(path)), path)
    return run


# ---- configurations: every key, with values that are wrong in kind or size

VALUES = [0, -1, 65536, 2**31, 2**63, 1e39, -1e5, 1e-45, float("nan"), "8", None, [], [[[]]], {"a": 1}, True, "\x1b[2J" + "x" * 300, [1] * 5000]
CONFIGS = {
    "words": ["model_index.json", "unet/config.json", "vae/config.json", "text_encoder/config.json", "scheduler/scheduler_config.json",
              "tokenizer/tokenizer_config.json"],
    "words-flow": ["transformer/config.json", "vae/config.json", "scheduler/scheduler_config.json"],
}


def configurations():
    number = 0
    for base, files in CONFIGS.items():
        for file in files:
            for key in json.load(open(os.path.join(ROOT, "samples", base, file))):
                for k in range(2):
                    value = VALUES[(number * 5 + k * 7) % len(VALUES)]
                    case(f"{base}/{file}:{key}={str(value)[:20]!r}", base,
                         edit_json(file, lambda config, key=key, value=value: config.__setitem__(key, value)))
                number += 1
    big = {"sample_size": [8192, 65536, [1, 65536]], "block_out_channels": [[65536] * 4, [8] * 16], "layers_per_block": [128, 1],
           "cross_attention_dim": [65536], "norm_num_groups": [32]}
    for key, values in big.items():
        for value in values:
            case(f"unet {key}={str(value)[:30]}", "words",
                 edit_json("unet/config.json", lambda config, key=key, value=value: config.__setitem__(key, value)))
    for key, value in [("scaling_factor", 1e-30), ("scaling_factor", 1e30), ("shift_factor", 1e39), ("shift_factor", 1e20)]:
        case(f"vae {key}={value}", "words", edit_json("vae/config.json", lambda c, k=key, v=value: c.__setitem__(k, v)))
    for key, value in [("num_layers", 1024), ("num_attention_heads", 1024), ("pos_embed_max_size", 4096), ("patch_size", 64), ("sample_size", 65536)]:
        case(f"transformer {key}={value}", "words-flow",
             edit_json("transformer/config.json", lambda c, k=key, v=value: c.__setitem__(k, v)))
    for name, content in {
        "empty": "", "no object": "[]", "number of a megabyte": '{"in_channels": ' + "9" * 900_000 + "}",
        "deep": "[" * 100_000, "deep object": '{"a":' * 5000 + "1" + "}" * 5000, "twice": '{"in_channels": 4, "in_channels": 4}',
        "not UTF-8": b'{"in_channels": "\xff\xfe"}', "utf-16": '{"in_channels": 4}'.encode("utf-16"), "zeros": b"\0" * 5000,
        "escapes": '{"\\u001b]0;x\\u0007": "\\u001b[31m", "_class_name": "\\u001b[2J"}', "two megabytes": '{"a": "' + "x" * (2 << 20) + '"}',
        "name of a megabyte": '{"' + "k" * 900_000 + '": 1}',
    }.items():
        for file in ("unet/config.json", "model_index.json"):
            case(f"{file}: {name}", "words", text(file, content))


# ---- tokenizers

def bpe(**changes):
    vocabulary = {"<|startoftext|>": 0, "<|endoftext|>": 1, "a": 2}
    whole = {"version": "1.0", "added_tokens": [], "normalizer": None, "pre_tokenizer": None,
             "post_processor": {"type": "RobertaProcessing", "sep": ["<|endoftext|>", 1], "cls": ["<|startoftext|>", 0],
                                "trim_offsets": False, "add_prefix_space": False},
             "decoder": None, "model": {"type": "BPE", "vocab": vocabulary, "merges": []}}
    whole.update(changes)
    return whole


def tokenizers():
    def add(name, **changes):
        case("tokenizer " + name, "words", text("tokenizer/tokenizer.json", json.dumps(bpe(**changes))))
    add("plain")
    model = bpe()["model"]
    for name, change in {
        "id 2^32-1": {"vocab": {**model["vocab"], "a": 2**32 - 1}}, "id -1": {"vocab": {**model["vocab"], "a": -1}},
        "id 1e300": {"vocab": {**model["vocab"], "a": 1e300}}, "id above the table": {"vocab": {**model["vocab"], "a": 5000}},
        "merge of nothing": {"merges": ["x y"]}, "merge with prefix": {"merges": ["a a"], "continuing_subword_prefix": "####"},
        "merges a number": {"merges": 7}, "no vocabulary": {"vocab": {}}, "vocabulary a list": {"vocab": []},
        "dropout": {"dropout": 0.5}, "dropout 1e9": {"dropout": 1e9}, "unknown not there": {"unk_token": "<zzz>"},
        "type unknown": {"type": "Zebra"}, "suffix long": {"end_of_word_suffix": "x" * 100000},
    }.items():
        add("model " + name, model={**model, **change})
    add("WordPiece without unknown", model={"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                                            "max_input_chars_per_word": 100, "vocab": model["vocab"]})
    add("WordLevel without unknown", model={"type": "WordLevel", "unk_token": "[UNK]", "vocab": model["vocab"]})
    add("Unigram without unknown", model={"type": "Unigram", "unk_id": 99, "vocab": [["<|startoftext|>", 0], ["<|endoftext|>", 0]]})
    add("Unigram empty piece", model={"type": "Unigram", "unk_id": 0, "vocab": [["", 0], ["<|startoftext|>", 0], ["<|endoftext|>", 0]]})
    for name, map_ in {"garbage": "//////////8=", "empty": "", "short": "AAA=", "no base64": "*", "points outside": base64.b64encode(
            struct.pack("<II", 4, 0x1ff00) + b"a\0").decode(), "big": base64.b64encode(os.urandom(100000)).decode()}.items():
        add("charsmap " + name, normalizer={"type": "Precompiled", "precompiled_charsmap": map_})
    twice = {"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}
    add("replace 2^40", normalizer={"type": "Sequence", "normalizers": [twice] * 40})
    add("replace long", normalizer={"type": "Replace", "pattern": {"String": "a"}, "content": "b" * 10_000_000})
    add("replace nothing", normalizer={"type": "Replace", "pattern": {"String": ""}, "content": "b" * 100})
    add("prepend long", normalizer={"type": "Prepend", "prepend": "b" * 1_000_000})
    nested = {"type": "Lowercase"}
    for _ in range(60):
        nested = {"type": "Sequence", "normalizers": [nested]}
    add("nested sequences", normalizer=nested)
    for pattern in ["(a+)+$", "(a|a)*b", "(a|aa)+$", "a*a*a*a*b", "((a*)*)*b", "(a", "[", "\\", "(?<x>a\\g<x>)", "(a)\\1", "a{99999999}", "(?~a)", "", "(?=a)*"]:
        add("split " + pattern, pre_tokenizer={"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False})
        add("replace " + pattern, normalizer={"type": "Replace", "pattern": {"Regex": pattern}, "content": "b"})
    add("FixedLength 0", pre_tokenizer={"type": "FixedLength", "length": 0})
    add("Metaspace empty", pre_tokenizer={"type": "Metaspace", "replacement": "", "prepend_scheme": "always"})
    piece = {"SpecialToken": {"id": "[X]", "type_id": 0}}
    for name, change in {"undeclared": {"single": [piece]}, "sequence B": {"single": [{"Sequence": {"id": "B", "type_id": 0}}]},
                         "ids and tokens": {"single": [piece], "special_tokens": {"[X]": {"id": "[X]", "ids": [1, 2, 3], "tokens": ["a"]}}},
                         "no ids": {"single": [piece], "special_tokens": {"[X]": {"id": "[X]", "ids": [], "tokens": []}}},
                         "id huge": {"single": [piece], "special_tokens": {"[X]": {"id": "[X]", "ids": [2**32 - 1], "tokens": ["a"]}}}}.items():
        add("template " + name, post_processor={"type": "TemplateProcessing", "single": [], "pair": [], "special_tokens": {}, **change})
    add("truncation", truncation={"direction": "Right", "max_length": 0, "strategy": "LongestFirst", "stride": 9})
    add("padding", padding={"strategy": {"Fixed": 2**40}, "direction": "Right", "pad_id": 0, "pad_type_id": 0, "pad_token": "a"})
    add("added id", added_tokens=[{"id": 2**31, "content": "b", "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}])
    for name, content in {"empty": "", "null": "null", "list": "[]", "cut": '{"model": {"type": "BPE"', "deep": "[" * 50000}.items():
        case("tokenizer.json " + name, "words", text("tokenizer/tokenizer.json", content))
    for name, content in {"control bytes": b"#v\n\x1b[2J \x07\x07 x\n", "long line": b"#v\n" + b"x" * 8_000_000 + b"\n", "not UTF-8": b"#v\n\xff \xfe\n"}.items():
        case("merges.txt " + name, "words", text("tokenizer/merges.txt", content))
    for name, content in {"ids": '{"a": 99999999999}', "many ids": '{"a": 1, "b": 1}', "escape": '{"\\u001b[2J": -1}'}.items():
        case("vocab.json " + name, "words", text("tokenizer/vocab.json", content))


# ---- weights and files

UNET = "unet/diffusion_pytorch_model.safetensors"


def first(header):
    return next(name for name in header if name != "__metadata__")


def with_values(value, key=None):
    def change(header, data):
        entry = header[key or first(header)]
        begin = entry["data_offsets"][0]
        data[begin:begin + 2] = struct.pack("<e", value)
    return change


def weights():
    for file in (UNET, "vae/diffusion_pytorch_model.safetensors", "text_encoder/model.safetensors"):
        for value in (float("nan"), float("inf"), float("-inf")):
            case(f"{file} {value}", "words", tensors(file, with_values(value)))
        for share in (0, 7, 8, 100, 5000, -1, -1000):
            case(f"{file} cut at {share}", "words", lambda folder, file=file, share=share: os.truncate(
                os.path.join(folder, file), share if share >= 0 else os.path.getsize(os.path.join(folder, file)) + share))
    for name, change in {
        "dtype unknown": lambda h, d: h[first(h)].__setitem__("dtype", "F3"), "dtype fp8": lambda h, d: h[first(h)].__setitem__("dtype", "F8_E4M3"),
        "dtype ints": lambda h, d: h[first(h)].__setitem__("dtype", "I16"),
        "shape negative": lambda h, d: h[first(h)].__setitem__("shape", [-1]), "shape huge": lambda h, d: h[first(h)].__setitem__("shape", [2**40, 2**40]),
        "shape of 100 dimensions": lambda h, d: h[first(h)].__setitem__("shape", [1] * 100),
        "offsets beyond": lambda h, d: h[first(h)].__setitem__("data_offsets", [0, 2**50]),
        "offsets back": lambda h, d: h[first(h)].__setitem__("data_offsets", [100, 0]),
        "offsets a number of a kilobyte": lambda h, d: h[first(h)].__setitem__("data_offsets", [0, int("9" * 1000)]),
        "name with commands": lambda h, d: h.__setitem__("\x1b]0;t\x07", {"dtype": "F16", "shape": [0], "data_offsets": [0, 0]}),
        "name of a megabyte": lambda h, d: h.__setitem__("x" * 1_000_000, {"dtype": "F16", "shape": [0], "data_offsets": [0, 0]}),
        "100,000 names": lambda h, d: h.update({f"x{i}": {"dtype": "F16", "shape": [0], "data_offsets": [0, 0]} for i in range(100_000)}),
        "metadata a list": lambda h, d: h.__setitem__("__metadata__", []), "one missing": lambda h, d: (h.pop(first(h)), None)[1],
        "header a list": lambda h, d: (b"[]", d), "header not JSON": lambda h, d: (b"{" * 1000, d), "header deep": lambda h, d: (b'{"a":' * 20000, d),
        "header zeros": lambda h, d: (b"\0" * 1000, d), "bytes after the end": lambda h, d: (h, d + b"\0" * 100),
    }.items():
        case("unet " + name, "words", tensors(UNET, change))
    for name, content in {"header of 2^63": struct.pack("<Q", 2**63) + b"{}", "header of 99 MB": struct.pack("<Q", 99_000_000) + b"{}", "empty": b"",
                          "pickle": b"\x80\x02}q\x00.", "zip": b"PK\3\4" + b"\0" * 100, "LFS": b"version https://git-lfs\n", "html": b"<!doctype html>",
                          "GGUF": b"GGUF" + b"\0" * 100}.items():
        case("unet " + name, "words", text(UNET, content))
    files = [UNET, "unet/config.json", "model_index.json", "tokenizer/vocab.json", "scheduler/scheduler_config.json"]
    for file in files:
        case(f"{file} a pipe", "words", special(file, os.mkfifo))
        case(f"{file} /dev/zero", "words", special(file, lambda path: os.symlink("/dev/zero", path)))
        case(f"{file} /dev/tty", "words", special(file, lambda path: os.symlink("/dev/tty", path)))
        case(f"{file} a link to itself", "words", special(file, lambda path: os.symlink(path, path)))
        case(f"{file} a link to nothing", "words", special(file, lambda path: os.symlink("/nonexistent/x", path)))
        case(f"{file} a folder", "words", special(file, os.mkdir))
        case(f"{file} sparse 1 TB", "words", special(file, sparse(1 << 40)))
        case(f"{file} a link of a cache", "words", hub_cache(file), True)
        case(f"{file} gone", "words", special(file, lambda path: None))
    index = UNET + ".index.json"
    for name, content in {"..": {"weight_map": {"a": "../x.safetensors"}}, "absolute": {"weight_map": {"a": "/etc/passwd"}}, "number": {"weight_map": {"a": 7}},
                          "itself": {"weight_map": {"a": "diffusion_pytorch_model.safetensors.index.json"}}, "missing": {"weight_map": {"a": "b.safetensors"}},
                          "many": {"weight_map": {f"a{i}": f"b{i}.safetensors" for i in range(5000)}}, "empty": {}, "escape": {"weight_map": {"\x1b[2J": "\x1b.safetensors"}},
                          }.items():
        def sharded(folder, content=content):
            os.remove(os.path.join(folder, UNET))
            json.dump(content, open(os.path.join(folder, index), "w"))
        case("index " + name, "words", sharded)
    for base in ("words", "words-flow"):
        case(base + " untouched", base, lambda folder: None, True)


# ---- single files

SINGLE = "single/"  # golden checkpoints in one file: FOLDER/checkpoint.safetensors, with a tokenizer in FOLDER/folder
FILE = "checkpoint.safetensors"
DTYPES = ("F32", "BF16", "F64", "F8_E4M3", "I16", "BOOL", "U64", "F3")


def named(header, *ends):
    return next(name for name in header if name.endswith(ends))


def repeated(header, data):
    """A header in which one key is given twice, which Python's own objects cannot hold."""
    key = first(header)
    entry = json.dumps({**header[key], "data_offsets": header[key]["data_offsets"]})
    return json.dumps(header)[:-1].encode() + f", {json.dumps(key)}: {entry}}}".encode(), data


def repacked(change):
    """change(tensors by name: (dtype, shape, bytes)); what it leaves is written without holes, so that readers get beyond the form of the file."""
    def run(header, data):
        of = {n: (e["dtype"], e["shape"], bytes(data[slice(*e["data_offsets"])])) for n, e in header.items() if n != "__metadata__"}
        of = change(of) or of
        packed, end = {}, 0
        for name, (dtype, shape, part) in of.items():
            packed[name] = {"dtype": dtype, "shape": shape, "data_offsets": [end, end + len(part)]}
            end += len(part)
        return packed, b"".join(part for _, _, part in of.values())
    return run


EMPTY = ("F16", [1], b"\0\0")


def every(change):
    def run(header, data):
        for name in [n for n in header if n != "__metadata__"]:
            change(header, name)
    return run


def single_files():
    def add(name, change, base="sd1", loads=None):
        case(f"single file {base} {name}", SINGLE + base, change, loads)
    for base in ("sd2", "sdxl", "sd3", "flux-dev"):
        add("untouched", lambda folder: None, base)
    add("untouched, with its tokenizer", lambda folder: None, "sd1", True)
    for share in (0, 8, 4000, 60_000, 200_000, -1, -4096):
        add(f"cut at {share}", lambda folder, share=share: os.truncate(
            os.path.join(folder, FILE), share if share >= 0 else os.path.getsize(os.path.join(folder, FILE)) + share))
    for dtype in DTYPES:
        add(f"one tensor says {dtype}", tensors(FILE, lambda h, d, dtype=dtype: h[first(h)].__setitem__("dtype", dtype)))
    add("all tensors say I8", tensors(FILE, every(lambda h, name: h[name].update(dtype="I8", shape=[*h[name]["shape"][:-1], 2 * h[name]["shape"][-1]]
                                                                                 if h[name]["shape"] else [2]))))
    conv, table = ("diffusion_model.input_blocks.0.0.weight",), ("token_embedding.weight",)
    for name, change in {
        "one key twice": repeated,
        "a prefix of itself": repacked(lambda of: {**of, **{"model." + n: of[n] for n in of if n.startswith("model.diffusion")}}),
        "first weight with 2^31 channels": lambda h, d: h[named(h, *conv)].__setitem__("shape", [2**31, 4, 3, 3]),
        "first weight without inputs": lambda h, d: h[named(h, *conv)].__setitem__("shape", [0, 4, 3, 3]),
        "first weight flat": lambda h, d: h[named(h, *conv)].__setitem__("shape", [h[named(h, *conv)]["shape"][0] * 36]),
        "first weight a number": repacked(lambda of: of.update({named(of, *conv): ("F16", [], b"\0\0")})),
        "first weight empty": repacked(lambda of: of.update({named(of, *conv): ("F16", [0, 4, 3, 3], b"")})),
        "no width": repacked(lambda of: of.update({named(of, *conv): ("F16", [32, 4, 0, 3], b"")})),
        "vocabulary of 2^24": lambda h, d: h[named(h, *table)].__setitem__("shape", [2**24, 64]),
        "vocabulary in the other order": lambda h, d: h[named(h, *table)].__setitem__("shape", h[named(h, *table)]["shape"][::-1]),
        "offsets that overlap": every(lambda h, n: h[n].__setitem__("data_offsets", [0, h[n]["data_offsets"][1] - h[n]["data_offsets"][0]])),
        "offsets with a gap": lambda h, d: (h, bytearray(8) + d),
        "offsets reversed": every(lambda h, n: h[n].__setitem__("data_offsets", h[n]["data_offsets"][::-1])),
        "blocks to 10^9": repacked(lambda of: of.update({"model.diffusion_model.input_blocks.999999999.0.weight": EMPTY})),
        "blocks to 10^30": repacked(lambda of: of.update({"model.diffusion_model.input_blocks." + "9" * 30 + ".0.weight": EMPTY})),
        "blocks in other digits": repacked(lambda of: of.update({"model.diffusion_model.input_blocks.\u0663.0.weight": EMPTY})),
        "layers to 2^31": repacked(lambda of: of.update({"cond_stage_model.transformer.text_model.encoder.layers.2147483647.layer_norm1.bias": EMPTY})),
        "layers to 5,000": repacked(lambda of: of.update({f"cond_stage_model.transformer.text_model.encoder.layers.{i}.layer_norm1.bias": EMPTY
                                                          for i in range(5000)})),
        "foreign keys": repacked(lambda of: of.update({f"lora_unet_{i}.alpha": ("F16", [], b"\0\0") for i in range(10)})),
        "only foreign keys": repacked(lambda of: {"a.b": EMPTY}),
        "no tensors": repacked(lambda of: {"": ("F16", [0], b"")}),
        "no VAE": repacked(lambda of: {n: e for n, e in of.items() if not n.startswith("first_stage_model.")}),
        "half of the UNet": repacked(lambda of: {n: e for n, e in of.items() if "output_blocks." not in n}),
        "no middle": repacked(lambda of: {n: e for n, e in of.items() if "middle_block." not in n}),
        "one block less": repacked(lambda of: {n: e for n, e in of.items() if "input_blocks.4." not in n}),
        "two families": repacked(lambda of: of.update({"model.diffusion_model.joint_blocks.0.x": EMPTY, "model.diffusion_model.double_blocks.0.x": EMPTY})),
        "a channel more": repacked(lambda of: of.update({named(of, *conv): ("F16", [32, 5, 3, 3], bytes(32 * 5 * 9 * 2))})),
        "keys with commands": lambda h, d: ({n.replace("first_stage", "\x1b[2Jfirst_stage"): e for n, e in h.items()}, d),
        "metadata of a megabyte": lambda h, d: h.__setitem__("__metadata__", {"modelspec.architecture": "\x1b]0;x\x07" + "x" * 900_000}),
        "metadata that lies": lambda h, d: h.__setitem__("__metadata__", {"modelspec.architecture": "stable-diffusion-xl-v1-base", "format": "tf"}),
        "NaN": with_values(float("nan")),
    }.items():
        add(name, tensors(FILE, change))
    for base in ("sd3", "flux-dev"):
        add("first weight with 2^31 channels", tensors(FILE, lambda h, d: h[named(h, "x_embedder.proj.weight", "img_in.weight")].__setitem__(
            "shape", [2**31, *h[named(h, "x_embedder.proj.weight", "img_in.weight")]["shape"][1:]])), base)
        add("offsets that overlap", tensors(FILE, every(lambda h, n: h[n].__setitem__("data_offsets", [
            0, h[n]["data_offsets"][1] - h[n]["data_offsets"][0]]))), base)


# ---- running them

class Child:
    """A process that runs one command after another; a new one after each that died."""

    def __init__(self, command, seconds):
        self.command, self.seconds, self.process = command, seconds, None

    def run(self, words):
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                            text=True, errors="replace", preexec_fn=lambda: (resource.setrlimit(resource.RLIMIT_CORE, (0, 0))))
        process, fate = self.process, []
        done = threading.Event()

        def watch():
            end, most = time.time() + CLOCK, self.seconds + (processor_seconds(process.pid) or 0)
            while not done.wait(0.25):
                try:
                    resident = int(open(f"/proc/{process.pid}/statm").read().split()[1]) * 4096
                except OSError:
                    return
                if time.time() > end or (processor_seconds(process.pid) or 0) > most or resident > RESIDENT:
                    fate.append("memory" if resident > RESIDENT else "hang")
                    process.kill()
                    return
        threading.Thread(target=watch, daemon=True).start()
        try:
            process.stdin.write("\t".join(words) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        done.set()
        if not answer:
            process.wait()
            return (fate[0] if fate else "abort"), f"exit {process.returncode}"
        code, said = answer.rstrip("\n").split("\t", 1)
        if any(ord(c) < 32 and c != "\t" or 127 <= ord(c) < 160 for c in said):
            return "escape", said
        if code in ("2", "3", "4"):
            return "refused", said
        return ("loaded" if code == "0" else "stack trace"), said


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--classpath", required=True)
    arguments.add_argument("--only", default="")
    arguments.add_argument("--every", type=int, default=1)
    arguments.add_argument("--seconds", type=int, default=SECONDS, help="of processor time, for a command")
    arguments.add_argument("--verbs", default="inspect,sample")
    arguments.add_argument("--results", help="a file to go on from")
    given = arguments.parse_args()
    configurations(), tokenizers(), weights(), single_files()
    child = Child(["java", "-Xmx1g", "-XX:+UseSerialGC", "-Dai.djl.offline=true", "-DOPT_OUT_TRACKING=true", "-Djava.awt.headless=true",
                   "-cp", given.classpath, "org.imagerl.tests.campaigns.CommandLoop"], given.seconds)
    os.environ.update(OMP_NUM_THREADS="1", RUST_FLAVOR="cpu", OMP_WAIT_POLICY="PASSIVE")
    verbs = given.verbs.split(",")
    counts = {verb: collections.Counter() for verb in verbs}
    chosen = [c for c in CASES if given.only in c[0]][::given.every]
    lines = [json.loads(line) for line in open(given.results)] if given.results and os.path.exists(given.results) else []
    done = {(line["case"], line["verb"]) for line in lines}
    for number, (name, base, change, loads) in enumerate(chosen):
        waiting = [verb for verb in verbs if (name, verb) not in done]
        if not waiting:
            continue
        scratch = tempfile.mkdtemp(prefix="hostile-")
        folder = os.path.join(scratch, "checkpoint")
        checkpoint, tokenizer = folder, []
        if base.startswith(SINGLE):
            shutil.copytree(os.path.join(ROOT, "src/test/resources/golden/single-files", base[len(SINGLE):]), folder)
            checkpoint, tokenizer = os.path.join(folder, FILE), ["--component", "tokenizer=" + os.path.join(folder, "folder/tokenizer")]
        else:
            shutil.copytree(os.path.join(ROOT, "samples", base), folder, ignore=shutil.ignore_patterns("ctrl", "*.yaml", "prompts*"))
        change(folder)
        for verb in waiting:
            words = ["inspect", checkpoint] if verb == "inspect" else [
                "sample", "--checkpoint", checkpoint, "--prompt", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "--steps", "1", "--guidance", "1",
                "--device", "cpu", "--out", os.path.join(scratch, "out"), *tokenizer]
            fate, said = child.run(words)
            wrong = fate not in ("loaded", "refused") or bool(loads and fate != "loaded")
            lines.append({"case": name, "verb": verb, "fate": fate, "wrong": wrong, "said": said.replace(scratch, "")[:2000] if wrong else ""})
            if given.results:
                with open(given.results, "a") as out:
                    out.write(json.dumps(lines[-1]) + "\n")
            print(("WRONG " if wrong else "      ") + f"{number:4d} {verb} {name[:70]!r}: {fate}: {said.replace(scratch, '')[:220 if not wrong else 1500]}", flush=True)
        shutil.rmtree(scratch, ignore_errors=True)
    names = {one[0] for one in chosen}
    for line in lines:
        if line["case"] in names and line["verb"] in counts:
            counts[line["verb"]][line["fate"]] += 1
    bad = sum(line["wrong"] for line in lines if line["case"] in names)
    for verb, of in counts.items():
        print(verb, len(chosen), "checkpoints:", ", ".join(f"{k} {v}" for k, v in sorted(of.items())))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
