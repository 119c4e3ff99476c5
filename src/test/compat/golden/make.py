"""Makes golden numbers, or checks those that are there.

    python3 src/test/compat/golden/make.py OUT [KIND ...] [--seed 11]
    python3 src/test/compat/golden/make.py --check GOLDEN [KIND ...]

The first writes OUT in the layout of src/test/resources/golden. The second computes the outputs in GOLDEN again from
the weights and inputs in GOLDEN, and compares within its tolerances. See README.md beside this file.
"""

import argparse
import os
import sys
import warnings
from importlib import import_module
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
# Instructions of one width, so that other processors round as this one does where the libraries let them.
for library, instructions in {"ATEN_CPU_CAPABILITY": "avx2", "MKL_CBWR": "AVX2", "ONEDNN_MAX_CPU_ISA": "AVX2"}.items():
    os.environ.setdefault(library, instructions)

KINDS = ["events", "schedules", "samplers", "rl", "objectives", "images", "ocr", "clip-tokenizer", "models", "pipelines",
         "calls", "single-files", "lora", "lora-foreign", "onnx-clip"]


def versions():
    names = ("diffusers", "transformers", "tokenizers", "peft", "torch", "numpy", "PIL", "onnx", "onnxruntime", "safetensors")
    return {name: import_module(name).__version__ for name in names}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder to write, or to check")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS) + " (default: all)")
    parser.add_argument("--seed", type=int, default=11, help="other numbers, sizes, ranks and names (default 11)")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("--clip-vocabulary", type=Path, help="folder with CLIP's published vocab.json and merges.txt")
    parser.add_argument("--published", type=Path, help="folder with ddpo-pytorch and flow_grpo, to check rl with their code")
    arguments = parser.parse_args()
    unknown = set(arguments.kinds) - set(KINDS)
    if unknown:
        parser.error(f"unknown kinds {sorted(unknown)}; there are {', '.join(KINDS)}")

    warnings.simplefilter("ignore")
    import diffusers
    import torch
    import transformers

    import common

    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    for library in (transformers.logging, diffusers.utils.logging):
        library.set_verbosity_error()
        library.disable_progress_bar()
    kinds = [kind for kind in KINDS if kind in (arguments.kinds or KINDS)]  # pipelines before what is made from them
    modules = {kind: import_module(kind.replace("-", "_")) for kind in kinds}
    if arguments.check:
        report = common.Report()
        for kind in kinds:
            if (arguments.folder / kind).is_dir():
                modules[kind].check(arguments.folder, report, arguments)
            else:
                report.skip(kind, "no such folder")
        print(f"{report.count} comparisons, {len(report.failed)} off" + "".join(f"\n  {one}" for one in report.failed))
        return 1 if report.failed else 0
    for kind in kinds:
        modules[kind].make(arguments.folder, arguments.seed, arguments)
        print("made", arguments.folder / kind, flush=True)
    facts = versions() | {"dtype": "float32 on CPU; rl/losses in float64", "seed": arguments.seed}
    common.write_json(arguments.folder / "provenance.json", facts)
    for path in arguments.folder.rglob("*.safetensors"):
        path.chmod(0o644)  # the library makes them for their owner alone
    return 0


if __name__ == "__main__":
    sys.exit(main())
