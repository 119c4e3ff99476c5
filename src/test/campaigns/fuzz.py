#!/usr/bin/env python3
"""Coverage-guided fuzzing, by Jazzer, of every parser of files that come from strangers: a right answer is a value or a UserException.

    python3 src/test/campaigns/fuzz.py --classpath "$(cat CLASSPATH_FILE)" --jazzer "JAZZER.jar:JAZZER_API.jar" [--runs 1000000] [--least 10000]
        [--work DIR] [PARSER...]

The class path holds all modules and the classes of src/test; Jazzer's two jars lie in Maven's repository, for they are what a test of toolkit uses.
One virtual machine tries all parsers of org.imagerl.tests.campaigns.ParserFuzz, since instrumenting it takes longer than a hundred thousand inputs: the
first byte of an input chooses the parser. First come the inputs of crafted.py, made by hand, then a call for all. Jazzer favours the parsers in which it finds new
code quickest, so each that has had fewer than --least inputs then gets calls of its own. The faster half gets the rest of --runs. Inputs that reach new code are kept in DIR/corpus-N, so the same command goes on where it stopped, and the counts are those of all its
calls. What went wrong lies in DIR as crash-*, with the stack trace in log.txt. Exit 1 if there is such a file. Nothing outside the standard library is
needed.
"""
import argparse, collections, glob, hashlib, json, os, pickle, re, shutil, struct, subprocess, sys, tempfile

sys.dont_write_bytecode = True  # nothing is left beside the programs
from crafted import crafted, file_header

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
FIRST, ROUND = 20_000, 500_000  # inputs of the first call of Jazzer and of the others: what is lost when this is ended
SLACK = 50  # inputs of Jazzer's own, which no parser is given
LONGEST = 8192


def seeds(parser):
    """What the mutations begin with: (bytes) of files in the project, and small ones of other kinds."""
    def files(*patterns, first=LONGEST):
        return [open(f, "rb").read()[:first] for pattern in patterns for f in sorted(glob.glob(os.path.join(ROOT, pattern), recursive=True))[:40]]
    words, header = os.path.join(ROOT, "samples/words"), b'{"__metadata__":{"format":"pt"},"a.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}'
    lora = json.dumps({key: {"dtype": "F16", "shape": shape, "data_offsets": [at, at + 8]} for at, (key, shape) in zip((0, 8, 16, 24), (
        ("unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora_A.weight", [1, 4]),
        ("unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora_B.weight", [4, 1]),
        ("lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q.lora_down.weight", [1, 4]),
        ("lora_te_text_model_encoder_layers_0_self_attn_q_proj.alpha", [4])))}).encode()
    tokenizer = json.dumps({"version": "1.0", "added_tokens": [{"id": 0, "content": "<s>", "special": True}], "normalizer": {"type": "NFKC"},
                            "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "add_prefix_space": True},
                            "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<s>", 0.0], ["\u2581a", -1.0], ["s", -2.5]]}}).encode()
    scores = {"csv": b'file_name,prompt,ocr,error,details\na.png,"a ""b""",0.5,,"{""ocr.text"":""b""}"\nb.png,x,,unreadable,\n',
              "jsonl": b'{"file_name":"a.png","prompt":"x","ocr":0.5,"error":null,"details":{"ocr.text":"b"}}\n'}
    lists = {"csv": b'file_name,text,class\na.png,"a, b",1\n', "jsonl": b'{"file_name":"a.png","text":"a","class":1,"x":{"y":[1]}}\n',
             "txt": b'a sign that says "472"\n# no comment\na cat --n blurred\n'}
    images = files("src/test/resources/golden/images/*", "samples/studies/base-images/p00*.png")
    kinds = {
        "safetensors-header": [struct.pack("<Q", len(h)) + h + bytes(24) for h in (header, b"{}")],
        "shard-index": [b'{"metadata":{"total_size":24},"weight_map":{"a.weight":"model-00001-of-00002.safetensors"}}'],
        "lora": [header, lora], "json": files("samples/*/*/*.json"), "scheduler": files("samples/*/scheduler/*.json"),
        "model-config": files("samples/*/*/config.json"), "model-index": files("samples/*/model_index.json"),
        "preprocessor": files("src/test/resources/**/preprocessor_config.json") + [
            b'{"do_resize":true,"size":{"shortest_edge":224},"resample":3,"do_center_crop":true,"crop_size":224,"do_normalize":true,'
            b'"image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.5,0.5],"image_processor_type":"CLIPImageProcessor"}'],
        "yaml-run": files("samples/*/*.yaml", "samples/*/ctrl/*.yaml"), "yaml-reward": [b"{type: ocr, mode: line, weight: 0.5}", b"jpeg-compressibility"],
        "reward-folder": [b"output: logits\nscale: 0.5\nhigher_is_better: true\n", b"model: model.onnx\nimage: {size: 224}\n"],
        "tokenizer-json": [tokenizer], "tokenizer-config": files("samples/*/tokenizer*/tokenizer_config.json"),
        "vocab": [open(f"{words}/tokenizer/vocab.json", "rb").read() + b"\0" + open(f"{words}/tokenizer/merges.txt", "rb").read()],
        "single-file": [header for header in map(file_header, sorted(glob.glob(os.path.join(ROOT, "src/test/resources/golden/single-files/*/*.safetensors"))))
                        if len(header) < LONGEST],
        "pickle": [pickle.dumps({"images": [b"a", b"b" * 300], "prompts": ["x", "\u00e9"] * 2, "meta_datas": [{"n": (1, -2.5, None, True, 2 ** 70)}] * 2}, protocol)
                   for protocol in (3, 4, 5)] + [pickle.dumps({"prompts": ["x"], "metadata": {}}, 2), pickle.dumps(os.system), pickle.dumps({1})],
        "image": images, "image-size": images, "image-texts": images,
    }
    for ending in ("txt", "jsonl", "csv"):
        kinds["prompts-" + ending] = [lists[ending]]
    for ending in ("jsonl", "csv"):
        kinds["list-" + ending], kinds["scores-" + ending] = [lists[ending]], [scores[ending]]
    return kinds.get(parser, [b"{}"])


def prepare(parsers, work, beside):
    """The corpus of these parsers together, each input with the byte that chooses its parser before it, and what parsers read beside the mutated file."""
    name = hashlib.sha256(",".join(parsers).encode()).hexdigest()[:8]
    corpus = os.path.join(work, "corpus-" + name)
    if not os.path.isdir(corpus):
        os.makedirs(corpus)
        for number, parser in enumerate(parsers):
            for i, data in enumerate(seeds(parser)):
                open(os.path.join(corpus, f"seed-{parser}-{i}"), "wb").write(bytes([number]) + data)
    for parser, files in {"tokenizer-config": ("vocab.json", "merges.txt"), "reward-folder": ("model.onnx",)}.items():
        os.makedirs(os.path.join(beside, parser), exist_ok=True)
        for file in files:
            if file == "model.onnx":
                open(os.path.join(beside, parser, file), "wb").write(b"\x08\x07")
            else:
                shutil.copy(os.path.join(ROOT, "samples/words/tokenizer", file), os.path.join(beside, parser))
    return corpus


def try_crafted(java, parsers, work):
    """Gives each parser what was made for it by hand; what it must not do is left in the folder, as Jazzer leaves its findings. Returns what was said."""
    inputs = [bytes([number]) + data for number, parser in enumerate(parsers) for data in crafted(parser)]
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as beside:
        prepare(parsers, work, beside)
        done = subprocess.run(java + ["org.imagerl.tests.campaigns.ParserFuzz", "-"], env=dict(os.environ, FUZZ_PARSER=",".join(parsers), FUZZ_FOLDER=beside),
                              input=b"".join(struct.pack(">I", len(data)) + data for data in inputs), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    for number in re.findall(r"^finding (\d+)$", done.stdout.decode(errors="replace"), re.M):
        open(os.path.join(work, f"crash-crafted-{parsers[inputs[int(number)][0]]}-{number}"), "wb").write(inputs[int(number)])
    return done


def jazzer(java, parsers, work, runs):
    # Files of memory: a parser is given hundreds of files a second.
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as beside:
        command = java + ["com.code_intelligence.jazzer.Jazzer", "--target_class=org.imagerl.tests.campaigns.ParserFuzz",
                          "--instrumentation_includes=org.imagerl.**:org.apache.commons.imaging.**", "--keep_going=10", "--reproducer_path=" + work,
                          f"-artifact_prefix={work}/", f"-runs={runs}", f"-max_len={LONGEST}", "-timeout=120", "-rss_limit_mb=6000",
                          "-print_final_stats=1", prepare(parsers, work, beside)]
        return subprocess.run(command, cwd=work, env=dict(os.environ, FUZZ_PARSER=",".join(parsers), FUZZ_FOLDER=beside), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--classpath", required=True)
    options.add_argument("--jazzer", required=True)
    options.add_argument("--runs", type=int, default=1_000_000, help="in all")
    options.add_argument("--least", type=int, default=10_000, help="of each parser")
    options.add_argument("--work", default=os.path.join(ROOT, "target/fuzz"))
    options.add_argument("parsers", nargs="*")
    chosen = options.parse_args()
    work = os.path.abspath(chosen.work)
    os.makedirs(work, exist_ok=True)
    java = ["java", "-Xmx1g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Djava.awt.headless=true", "-Dai.djl.offline=true",
            "-DOPT_OUT_TRACKING=true", "-cp", chosen.classpath + ":" + chosen.jazzer]
    parsers = chosen.parsers or subprocess.run(java + ["org.imagerl.tests.campaigns.ParserFuzz"], env=dict(os.environ, FUZZ_FOLDER=work), capture_output=True,
                                               text=True, check=True).stdout.split()
    calls, counts, spent, results = 0, collections.Counter(), collections.Counter(), os.path.join(work, "fuzz.jsonl")
    if os.path.exists(results):
        for line in map(json.loads, open(results)):
            calls += 1
            counts.update(line["runs"])
            spent.update(line["milliseconds"])
    broken = False
    while not broken and (sum(counts[p] for p in parsers) < chosen.runs or min(counts[p] for p in parsers) < chosen.least):
        # First what was made by hand, then all of them; then each that had too few; then the faster half, as most of the time would go to images
        # and configurations.
        behind = [p for p in parsers if counts[p] < chosen.least][:1]
        faster = sorted(parsers, key=lambda p: spent[p] / max(1, counts[p]))[:(len(parsers) + 1) // 2]
        group = parsers if calls < 2 else behind or faster
        missing = chosen.least - counts[behind[0]] if behind and group == behind else max(1, chosen.runs - sum(counts[p] for p in parsers))
        calls += 1
        if calls == 1:
            done = try_crafted(java, parsers, work)
        else:
            done = jazzer(java, group, work, max(1000, min(FIRST if calls == 2 else ROUND, missing + SLACK)))
        with open(os.path.join(work, "log.txt"), "ab") as log:
            log.write(done.stdout)
        said = re.findall(r"^parser (\S+) runs (\d+) milliseconds (\d+)$", done.stdout.decode(errors="replace"), re.M)
        runs, milliseconds = ({name: int(of[i]) for name, *of in said} for i in (0, 1))
        counts.update(runs)
        spent.update(milliseconds)
        with open(results, "a") as out:
            out.write(json.dumps({"runs": runs, "milliseconds": milliseconds, "code": done.returncode}) + "\n")
        broken = sum(runs.values()) < 100
        if broken:
            print(f"the virtual machine ran {sum(runs.values())} inputs and ended with code {done.returncode}: {work}/log.txt", flush=True)
    found = sorted(f for kind in ("crash", "timeout", "oom") for f in glob.glob(os.path.join(work, kind + "-*")))
    for parser in parsers:
        print(f"{parser:20} runs {counts[parser]:8}, {spent[parser] / max(1, counts[parser]):.2f} ms each")
    print(f"in all {sum(counts[p] for p in parsers)} runs, {len(found)} findings" + "".join(f"\n    {f}" for f in found))
    sys.exit(bool(found or broken))


if __name__ == "__main__":
    main()
