"""Inputs made by hand for each parser of org.imagerl.tests.campaigns.ParserFuzz: what fuzz.py begins with, beside files of the project.

Each key of each configuration gets values of other kinds and sizes; headers and indices get lengths, names and offsets that cannot be; YAML, CSV, JSON and
images get what their formats allow and nobody writes. Chance would need hours for most of them.
"""
import glob, json, math, os, re, struct, zlib

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
GOLDEN = os.path.join(ROOT, "src/test/resources/golden")
VALUES = [0, -1, 1, 2**31, 2**63, 2**64, 1e308, -1e308, 1e-320, 0.5, "8", "", None, [], [[]], {}, {"a": 1}, True, "\x1b[2J" + "x" * 300, [1] * 5000,
          "\ud800", [None], ["a", 1], "../x", "\0"]
# Numbers that json.dumps does not write.
TEXTS = ["1e999", "-1e999", "NaN", "Infinity", "-Infinity", "9" * 5000, "-0", "1E400000000", "0." + "0" * 3000 + "1"]


def raw(value):
    return value if isinstance(value, bytes) else (value if isinstance(value, str) else json.dumps(value)).encode("utf-8", "surrogatepass")


def changed(base, more=()):
    """The object with each key as each of the values, and without it."""
    for key in [*base, *more]:
        for value in VALUES:
            yield dict(base, **{key: value})
        text = json.dumps(dict(base, **{key: "@@"}))
        for number in TEXTS:
            yield text.replace('"@@"', number)
        yield {k: v for k, v in base.items() if k != key}


def objects(*patterns):
    return [json.load(open(file)) for pattern in patterns for file in sorted(glob.glob(os.path.join(ROOT, pattern)))]


def scheduler():
    more = ("trained_betas", "timestep_spacing", "base_shift", "max_shift", "base_image_seq_len", "use_dynamic_shifting", "rescale_betas_zero_snr")
    return [text for base in objects("samples/*/scheduler/scheduler_config.json") for text in changed(base, more)]


def model_config():
    bases = objects("samples/*/*/config.json", "src/test/resources/golden/pipelines/*/*/config.json")
    return [text for base in bases for text in changed(base)]


def model_index():
    return [text for base in objects("samples/*/model_index.json") for text in changed(base, ("_name_or_path", "variant", "transformer_2"))] + VALUES


def preprocessor():
    return [text for base in objects("src/test/resources/golden/**/preprocessor_config.json", "src/test/resources/golden/onnx-clip/preprocessor_config.json")
            for text in changed(base, ("rescale_offset", "rescale_factor", "do_convert_rgb", "do_pad", "size_divisor", "crop_pct"))]


def shard_index():
    names = ["../x.safetensors", "/etc/passwd", "a/../../b", "", "\0", "x" * 5000, "CON", "a\nb", ".", "./", "model.safetensors.index.json", "\u202e"]
    return [whole for v in VALUES for whole in ({"metadata": {"total_size": 24}, "weight_map": {"a": v}}, {"weight_map": v}, {"metadata": v, "weight_map": {}}, v)] + [
        {"weight_map": {"a": name, name: "b"}} for name in names]


TENSOR = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}


def headers():
    """Headers of safetensors files, without their length."""
    for key in TENSOR:
        for value in VALUES + [[0, 24, 48], [24, 0], [0, 2**63 - 1], [-8, 16], [2**62, 2**62], [1.5, 24], ["0", "24"], [65536] * 4, [0] * 9999]:
            yield {"a": dict(TENSOR, **{key: value})}
    for value in VALUES:
        yield from ({"a": value}, value, {"__metadata__": value, "a": TENSOR}, {"__metadata__": {"x": value}, "a": TENSOR})
    yield from ({"a": TENSOR, "b": TENSOR}, {"a": dict(TENSOR, more=1)}, {"a" * 5000: TENSOR}, {"\x1b[2J": TENSOR, "": TENSOR})
    one = json.dumps({"a": TENSOR})
    yield from (one[:-1] + "," + one[1:], one + "x", one + " " * 50, " " + one, '{"a":' + "[" * 3000 + "]" * 3000 + "}")
    yield {f"t{i}": dict(TENSOR, shape=[0], data_offsets=[0, 0]) for i in range(5000)}


def safetensors():
    files = [struct.pack("<Q", len(raw(h))) + raw(h) + bytes(24) for h in headers()]
    return files + [struct.pack("<Q", length) + raw({"a": TENSOR}) + bytes(24) for length in (0, 1, 2**31, 10**8, 10**8 + 1, 2**63, 2**64 - 1)]


def lora():
    names = ["unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora_{}.weight", "lora_unet_down_blocks_0_attn1_to_q.lora_{}.weight",
             "lora_te_text_model_encoder_layers_0_q_proj.lora_{}.weight", "diffusion_model.double_blocks.0.img_attn.qkv.lora_{}.weight",
             "base_model.model.to_q.lora_{}.weight", "transformer.single_transformer_blocks.0.proj_mlp.lora_{}.weight", "lora_{}.weight",
             "bundle_emb.x.lora_{}", "double_blocks.0.processor.qkv_lora1.{}.weight", "..lora_{}.weight", "a.lora.{}.weight"]
    shapes = [([1, 4], [4, 1]), ([2, 4], [4, 1]), ([0, 4], [4, 0]), ([4], [4]), ([], []), ([1, 4, 1, 1], [4, 1, 1, 1]), ([1, 4, 3, 3], [4, 1, 3, 3]),
              ([1, 4, 3], [4, 1]), ([4, 1], [1, 4]), ([100, 1], [1, 100])]
    found = []
    for name in names:
        for down, up in shapes:
            for low, high in (("A", "B"), ("down", "up"), ("A", "A2"), ("magnitude_vector", "B")):
                tensors, at = {}, 0
                for key, shape in ((name.format(low), down), (name.format(high), up)):
                    count = 1
                    for d in shape:
                        count *= d
                    tensors[key] = {"dtype": "F16", "shape": shape, "data_offsets": [at, at + 2 * count]}
                    at += 2 * count
                found.append(tensors)
                alpha = {name.split(".lora_")[0] + ".alpha": {"dtype": "F32", "shape": [], "data_offsets": [at, at + 4]}}
                found.append(dict(tensors, **alpha))
    for key in ("format", "ss_network_dim", "ss_network_alpha", "ss_network_args", "modelspec.architecture", "lora_adapter_metadata", "networkType"):
        found += [{"__metadata__": {key: text}, **found[0]} for text in ("", "x", "{}", "[", "1e999", '{"r": "x"}', '{"rank_pattern": {"(": 1}}', "\ud800")]
    return found + list(headers())


def file_header(path):
    with open(path, "rb") as file:
        return file.read(struct.unpack("<Q", file.read(8))[0])


SIZES = {"F64": 8, "I64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "BOOL": 1}


def packed(tensors):
    """The header of these tensors, one behind the other: [(name, dtype, shape)]."""
    header, at = {}, 0
    for name, dtype, shape in tensors:
        end = at + SIZES.get(dtype, 4) * math.prod(shape)
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, end]}
        at = end
    return header


def single_file():
    """Checkpoints in single files in which one tensor has another name, type or shape, is missing, or is there twice."""
    numbers = re.compile(r"[0-9]+")
    for path in sorted(glob.glob(os.path.join(GOLDEN, "single-files", "*", "checkpoint.safetensors"))):
        whole = json.loads(file_header(path))
        metadata = whole.pop("__metadata__", {})
        tensors = [(name, entry["dtype"], entry["shape"]) for name, entry in whole.items()]
        yield packed(tensors)
        for at in range(0, len(tensors), max(1, len(tensors) // 6)):
            name, dtype, shape = tensors[at]
            others = [(name, other, shape) for other in SIZES]
            others += [(name, dtype, other) for other in ([], [0], [1], shape[::-1], shape + [1], [1] + shape, [2 * d for d in shape], [0] + shape[1:], [1] * 9)]
            others += [(numbers.sub(number, name), dtype, shape) for number in ("999", "0", "-1", "99999999999999999999", "", "1_0")]
            others += [(other, dtype, shape) for other in ("x." + name, name[: len(name) // 2], name + ".", name.replace(".", ""), "\x1b[2J" + name)]
            for other in others:
                yield packed(tensors[:at] + [other] + tensors[at + 1:])
                if other[0] != name:
                    yield packed(tensors + [other])
            yield packed(tensors[:at] + tensors[at + 1:])
            yield packed(tensors[:at])
        for key in ("modelspec.architecture", "modelspec.prediction_type", "format", "config"):
            for value in ("", "x", "{", "1e999", "\x1b[2J", "v", "flux"):
                yield {"__metadata__": dict(metadata, **{key: value}), **packed(tensors)}


def vocab():
    vocabularies = ["{}", "[]", '{"a":-1}', '{"a":4294967295}', '{"a":1.5}', '{"a":"1"}', '{"a":null}', '{"<|startoftext|>":0,"<|endoftext|>":0,"a":0}',
                    '{"<|startoftext|>":0,"<|endoftext|>":1,"a</w>":2,"a":3}', '{"<|endoftext|>":9223372036854775807}',
                    '{"":0,"<|endoftext|>":1,"<|startoftext|>":2}']
    merges = ["#version: 0.2\na a\n", "", "a", "a b c", "a  b", " a", "\0\1 \2", "#version\n" + "a " * 5000, "\ud800 a", "\r\n\r\n", "a a\na a\na a", "\ufeffa a"]
    return [raw(v) + b"\0" + raw(m) for v in vocabularies for m in merges]


def tokenizer_config():
    more = ("added_tokens_decoder", "model_max_length", "add_prefix_space", "unk_token", "pad_token", "do_lower_case", "tokenizer_class")
    tokens = [{"0": {"content": "a"}}, {"-1": {"content": ""}}, {"x": 1}, {"99999999999": {"content": "a", "special": True}}, {"content": "a" * 5000}, 1e30]
    bases = objects("samples/*/tokenizer*/tokenizer_config.json")
    return [text for base in bases for text in changed(base, more)] + [dict(bases[0], **{key: token}) for key in more for token in tokens]


def tokenizer_json():
    whole = {"version": "1.0", "added_tokens": [{"id": 0, "content": "<s>", "special": True}], "normalizer": {"type": "NFKC"},
             "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "add_prefix_space": True}, "post_processor": None,
             "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<s>", 0.0], ["\u2581a", -1.0], ["s", -2.5]]}}
    found = list(changed(whole, ("truncation", "padding", "decoder")))
    for part in ("normalizer", "pre_tokenizer", "model"):
        found += [dict(whole, **{part: inner}) for inner in changed(whole[part]) if isinstance(inner, dict)]
    kinds = ["Sequence", "BertNormalizer", "Lowercase", "Replace", "Precompiled", "Prepend", "Split", "ByteLevel", "Whitespace", "Digits", "Punctuation",
             "TemplateProcessing", "RobertaProcessing", "BertProcessing", "WordPiece", "WordLevel", "BPE", "Unigram", "Strip", "x", "\0"]
    return found + [dict(whole, **{part: dict({"type": kind}, **more)}) for part in ("normalizer", "pre_tokenizer", "post_processor", "model") for kind in kinds
                    for more in ({}, {"normalizers": [{"type": "NFC"}] * 50, "pretokenizers": [], "processors": []},
                                 {"pattern": {"Regex": "(a*)*b"}, "content": "aa", "behavior": "Isolated", "invert": False, "vocab": {"a": 2**32 - 1}, "merges": ["a"],
                                  "single": [{"SpecialToken": {"id": "no", "type_id": 0}}], "pair": [], "special_tokens": {}, "precompiled_charsmap": "AAAA"})]


YAML = ["", "-", "---\n---\n", "a: &a [*a]", "&a a: *a", "!!java.net.URL [http://x]", 'seed: !!int "x"', "? [a]\n: b", "? {a: b}\n: c", "null: 1", "~: 1",
        "<<: {a: 1}", "seed: .nan", "seed: .inf", "seed: 0x7fffffffffffffff", "seed: 1e400", "seed: 0o777777777777777777777777", "epochs: 1_000",
        "epochs: 99999999999999999999", "[" * 2000, "{" * 2000, "a:\n" + "".join(" " * i + "a:\n" for i in range(1, 100)), '"\\ud800": 1', '"\\x00": 1', "\t a: 1",
        'a: "\\UFFFFFFFF"', "%YAML 9.9\n---\na", "rewards: &r [*r]", "rewards: [{type: *x}]", "rewards: [ocr, ocr]", "rewards: [[ocr]]", "rewards: {ocr: 1}",
        "rewards: [null]", "rewards: [{}]", "rewards: [{type: null}]", "rewards: [{type: [ocr]}]", "rewards: [{type: {type: ocr}}]", 'a: !!binary "!!!"',
        "a: 2001-99-99", "a: !<tag:yaml.org,2002:set> {a, b}", "seed: !!float 1", 'checkpoint: "\\0"', "prompts: [1]", 'run: {folder: "\\0"}', "run: null",
        "tuning: null", "tuning: {type: null}", "tuning: [lora]", "rollout: {dynamics: 3}", "threads: -2147483649", "- a\n- b", "just text", '"', "'", "|", ">\n a",
        "a: b: c", "{a: b", "*a", "&a", "!", "! a", "@", "`", "\x85", "\u2028a: 1", "a: |9\n x",
        "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"{n}: &{n} [{','.join(['*' + chr(ord(n) - 1)] * 9)}]\n" for n in "bcdefgh")]


def yaml_run():
    whole = open(os.path.join(ROOT, "samples/words/ddpo.yaml")).read()
    keys = [line.split(":")[0] for line in whole.splitlines() if line and line[0].isalpha()]
    return [text for y in YAML for text in (y, whole + "\n" + y)] + [
        "\n".join(line for line in whole.splitlines() if not line.startswith(key)) + f"\n{key}: {value}\n" for key in keys
        for value in ("null", "[]", "{}", "''", "-1", "1e999", ".nan", "{type: x}", "[[[]]]")]


def yaml_reward():
    return YAML + [f"{{type: {kind}, {key}: {value}}}" for kind in ("ocr", "jpeg-compressibility", "onnx", "remote") for key in ("mode", "model", "weight", "url", "x")
                   for value in YAML[:40:3] + [".nan", "-1", "../x", "[]", "file:///etc/passwd"]]


def reward_folder():
    keys = ["output", "scale", "model", "image", "higher_is_better", "range", "text", "prompt", "inputs", "outputs", "mean", "offset", "name", "files",
            "preprocessor", "aggregate", "tokenizer", "min", "max", "weight"]
    return YAML + [json.dumps({"output": "logits", key: value}) for key in keys for value in VALUES] + [
        f"output: logits\n{key}: {value}\n" for key in keys for value in ("../x", "/etc/passwd", ".nan", ".inf", "1e400")]


LINES = ["", "\0", "\ufeff", "a" * 8000, '"', '""', '"a', 'a,"b', "\r", "\r\r\n\n", ",", ",,,,,,", "file_name", "file_name,text\n", "file_name,file_name\na,b",
         'text\n"a\nb', 'file_name,text\n../../x,"a"\n', "file_name,text\na.png\n", "file_name,text\na.png,b,c\n", "=cmd\n", "\x1b]0;x\x07", "a\u2028b", "\ud800",
         "prompt\n\n\n", "prompt,seed\na,x\n", "prompt,seed\na,99999999999999999999\n", "file_name,prompt,ocr,error,details\na,b,NaN,,{}\n",
         'file_name,prompt,ocr,error,details\na,b,1e999,,{"x":1e999}\n', 'file_name,prompt,ocr,error,details\na,b,,,["x"]\n',
         "file_name,prompt,ocr,error,details\na,b,0x1p3,,null\n", "file_name,prompt,ocr,ocr,error,details\n", "file_name,prompt,,error,details\na,b,1,,\n",
         "file_name,prompt,error,details\na,b,,\n", "file_name,prompt,ocr,error,details\n,,,,\n", "#", "# c\n--n\n", "a --n b --w 0 --h -1 --d 99999999999999999999 --s x",
         "--n", "a --w", "a --w 1e9 --l 1e400", "a --" + "x" * 5000]
OBJECTS = ["{}", "[]", "null", "1", '"x"', '{"a"', '{"a":}', "{\n}", '\ufeff{"prompt":"a"}', '{"prompt":"a"} {"prompt":"b"}', '{"prompt":"a"},', "NaN",
           '{"prompt":"a","prompt":"b"}', '{"prompt":"a","x":' + "[" * 2000 + "]" * 2000 + "}", '{"prompt":"a","x":' + "9" * 5000 + "}"]


def lines():
    rows = [{"prompt": "a", "seed": 1, "x": {"y": 1}}, {"file_name": "a.png", "text": "a", "class": 1},
            {"file_name": "a.png", "prompt": "x", "ocr": 0.5, "error": None, "details": {"ocr.text": "b"}}]
    texts = OBJECTS + [text for row in rows for text in changed(row, ("",))]
    return [again for text in texts for again in (raw(text), raw(text) + b"\n" + raw(text) + b"\n")] + LINES


def png(*chunks, signature=b"\x89PNG\r\n\x1a\n"):
    return signature + b"".join(struct.pack(">I", len(data) if length is None else length) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
                                for kind, data, length in ((*c, None)[:3] for c in chunks))


def pngs():
    pixels, end = (b"IDAT", zlib.compress(bytes(400))), (b"IEND", b"")

    def head(width=4, height=4, depth=8, colour=2, compression=0, filtering=0, interlace=0):
        return b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, compression, filtering, interlace)
    for size in (0, 1, 3, 65535, 2**31 - 1, 2**31, 2**32 - 1):
        yield from (png(head(width=size), pixels, end), png(head(height=size), pixels, end), png(head(size, size), pixels, end))
    for depth in (0, 1, 2, 3, 4, 8, 16, 32, 255):
        for colour in (0, 1, 2, 3, 4, 5, 6, 255):
            for interlace in (0, 1, 2):
                yield png(head(depth=depth, colour=colour, interlace=interlace), pixels, end)
                yield png(head(depth=depth, colour=colour, interlace=interlace), (b"PLTE", bytes(9)), (b"tRNS", bytes(7)), pixels, end)
    long = zlib.compress(bytes(5_000_000))
    texts = [b"", b"\0", b"prompt", b"prompt\0", b"prompt\0\0", b"prompt\0\0\0\0\0", b"prompt\0\1\0\0\0x", b"prompt\0\1\0\0\0" + long, b"prompt\0\0" + long,
             b"prompt\0\5x", b"parameters\0a\nNegative prompt: b\nSteps: 9999999999999, Seed: -1", b"parameters\0Steps: 1", b"prompt\0{", b"workflow\0[[[[",
             b'prompt\0{"1":{"class_type":"KSampler","inputs":{"positive":["1",0]}}}', b'prompt\0{"1":{"class_type":"CLIPTextEncode","inputs":{"text":["1",0]}}}',
             b'prompt\0{"1":{"class_type":"KSampler","inputs":{"positive":["2",99]}},"2":null}', b"x" * 300 + b"\0a", b"prompt\0\x1b[2J\xff\xfe", b"Comment\0" + b"{" * 3000,
             b"sd-metadata\0{}", b"invokeai_metadata\0[1]", b"Dream\0" + b"\"" * 50 + b" -s", b"imagerl.prompt\0a", b"prompt\0" + b"9" * 3000]
    for kind in (b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"eXIf", b"gAMA", b"cHRM", b"pHYs", b"acTL", b"fcTL", b"sRGB"):
        for text in texts:
            yield from (png(head(), (kind, text), pixels, end), png(head(), pixels, (kind, text), end))
    for length in (0, 1, 5, 2**31 - 1, 2**31, 2**32 - 1):
        yield from (png(head(), (b"tEXt", b"prompt\0a", length), pixels, end), png(head(), (*pixels, length), end), png((*head(), length), pixels, end))
    yield from (png(), png(end), png(pixels, end), png(head(), end), png(head(), head(), pixels, end), png(head(), pixels), png(head(), *[pixels] * 50, end),
                png(head(), (b"IDAT", b""), pixels, end), png(head(), (b"\0\0\0\0", b""), pixels, end), png(head(), (b"IDAT", long), end))


def jpegs():
    begin, end = b"\xff\xd8", b"\xff\xd9"

    def segment(marker, data, length=None):
        return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2 if length is None else length) + data

    def frame(height=8, width=8, parts=((1, 0x11, 0),), precision=8):
        return struct.pack(">BHHB", precision, height, width, len(parts)) + b"".join(bytes(p) for p in parts)
    for marker in (0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc9, 0xca):
        for data in (b"", b"\x08", frame(), frame(0, 8), frame(8, 0), frame(65535, 65535), frame(precision=0), frame(precision=16), frame(parts=()),
                     frame(parts=((1, 0, 0),)), frame(parts=((1, 0xff, 9),)), frame(parts=((0, 0x11, 0), (1, 0x11, 0), (2, 0x11, 0))),
                     frame(parts=((82, 0x11, 0), (71, 0x11, 0), (66, 0x11, 0))), frame(parts=((1, 0x11, 0),) * 4), frame(parts=((1, 0x11, 0),) * 200)):
            yield begin + segment(marker, data) + segment(0xda, b"\1\1\0\0\x3f\0") + bytes(64) + end
    for length in (0, 1, 2, 3, 65535):
        yield from (begin + segment(m, b"Exif\0\0", length) + segment(0xc0, frame()) + end for m in (0xe0, 0xe1, 0xe2, 0xee, 0xdb, 0xc4, 0xda, 0xfe, 0xdd))
    for order, short in ((b"II*\0", "<"), (b"MM\0*", ">")):
        for offset in (0, 8, 9, 2**31 - 1, 2**31, 2**32 - 1):
            for count in (0, 1, 65535):
                for value in (0, 1, 6, 8, 9, 65535):
                    entry = struct.pack(short + "HHIHH", 0x112, 3, 1, value, 0)
                    tiff = order + struct.pack(short + "I", offset) + struct.pack(short + "H", count) + entry + struct.pack(short + "I", 8)
                    yield begin + segment(0xe1, b"Exif\0\0" + tiff) + segment(0xc0, frame()) + end
                    yield tiff
    for number, of in ((0, 0), (1, 0), (1, 255), (2, 1), (255, 255)):
        yield begin + segment(0xe2, b"ICC_PROFILE\0" + bytes([number, of]) + bytes(200)) + segment(0xc0, frame()) + end
    for transform in (0, 1, 2, 255):
        yield begin + segment(0xee, b"Adobe\0d\0\0\0\0" + bytes([transform])) + segment(0xc0, frame(parts=((1, 0x11, 0),) * 4)) + end


def images():
    yield from pngs()
    yield from jpegs()
    for size in (0, 12, 40, 64, 108, 124, 2**31, 2**32 - 1):
        for width, height in ((0, 0), (1, 1), (-1, 1), (4, -4), (2**31 - 1, 2**31 - 1), (4, -2**31)):
            for bits in (0, 1, 4, 8, 16, 24, 32, 64):
                for compression in (0, 1, 2, 3, 4, 6):
                    yield b"BM" + struct.pack("<IHHIIiiHHIIiiII", 200, 0, 0, 54, size, width, height, 1, bits, compression, 0, 0, 0, 2**32 - 1, 0) + bytes(64)
    for width, height in ((0, 0), (1, 1), (65535, 65535)):
        for packed in (0, 0x80, 0xf7, 0xff):
            yield b"GIF89a" + struct.pack("<HHBBB", width, height, packed, 255, 0) + bytes(12) + b",\0\0\0\0\1\0\1\0\0\x0c\x01\x00\x00;"
    for kind in (b"VP8 ", b"VP8L", b"VP8X", b"ALPH"):
        yield b"RIFF" + struct.pack("<I", 50) + b"WEBP" + kind + struct.pack("<I", 2**32 - 1) + bytes(40)
    for magic in (b"\0\0\0\x20ftypavif", b"\0\0\0\x18ftypheic", b"\x76\x2f\x31\x01", b"8BPS", b"P6\n1 1\n255\n", b"P6\n99999 99999\n255\n", b"qoif", b"\0\0\1\0", b"<svg"):
        yield magic + bytes(40)
    for file in sorted(glob.glob(os.path.join(GOLDEN, "images", "*.*"))):
        data = open(file, "rb").read()[:8000]
        yield from (data[:len(data) * part // 12] for part in range(12))


def crafted(parser):
    """The inputs of a parser, as bytes."""
    made = {"scheduler": scheduler, "model-config": model_config, "model-index": model_index, "preprocessor": preprocessor, "shard-index": shard_index,
            "safetensors-header": safetensors, "lora": lora, "single-file": single_file, "vocab": vocab, "tokenizer-config": tokenizer_config, "tokenizer-json": tokenizer_json,
            "yaml-run": yaml_run, "yaml-reward": yaml_reward, "reward-folder": reward_folder, "json": lambda: OBJECTS + VALUES + TEXTS,
            "image": images, "image-size": images, "image-texts": images}.get(parser, lines)
    return [raw(value) for value in made()]
