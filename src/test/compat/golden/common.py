"""What the scripts of all kinds share: seeded random numbers, files with fixed bytes, and comparisons with a limit."""

import json
import math
import struct
import zlib

import numpy as np
import torch
from safetensors.torch import load_file, save_file

FORWARD_RTOL, GRAD_RTOL, PIPELINE_RTOL = 1e-4, 1e-3, 1e-3
BFLOAT16_RTOL = 0.1  # eight binary digits, rounded in every layer


class Draws:
    """The random numbers of one case. They depend on its name and the seed, not on other cases or the version of torch."""

    def __init__(self, seed, name):
        self.random = np.random.default_rng([seed, zlib.crc32(name.encode())])

    def one_of(self, *options):
        return options[self.random.integers(len(options))]

    def whole(self, low, high, *shape):
        """Whole numbers from low to high - 1."""
        return torch.from_numpy(self.random.integers(low, high, shape))

    def normal(self, *shape):
        """A float32 tensor of standard normal numbers."""
        return torch.from_numpy(np.asarray(self.random.standard_normal(shape, dtype=np.float32)))

    def uniform(self, low, high, *shape):
        return torch.from_numpy(np.asarray(self.random.uniform(low, high, shape), dtype=np.float32))


@torch.no_grad()
def fill(model, draws):
    """Gives all parameters random values, so that no bias is 0, no norm is 1, and activations keep their size."""
    for _, module in sorted(model.named_modules()):
        for name, parameter in sorted(module.named_parameters(recurse=False)):
            noise = draws.normal(*parameter.shape)
            if parameter.ndim == 0:
                continue  # CLIP's temperature stays as configured
            if name == "bias":
                parameter.copy_(0.1 * noise)
            elif parameter.ndim == 1 and "norm" in type(module).__name__.lower():
                parameter.copy_(1 + 0.1 * noise)
            elif parameter.ndim == 1 or isinstance(module, torch.nn.Embedding):
                parameter.copy_(0.5 * noise)
            else:
                parameter.copy_(noise / math.sqrt(math.prod(parameter.shape[1:])))
    return model.eval()


def write_tensors(path, tensors):
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.detach().contiguous() for name, tensor in tensors.items()}, path)


def sort_metadata(path):
    """The library writes metadata in no certain order; this sorts it, so that equal tensors are equal bytes."""
    content = path.read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    path.write_bytes(content[:8] + text.ljust(length) + content[8 + length :])


def read_tensors(path):
    return load_file(path)


def write_json(path, value, indent=1):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=indent, ensure_ascii=False) + "\n")


def read_json(path):
    return json.loads(path.read_text())


def largest_error(actual, expected):
    """The largest absolute difference over the largest absolute expected value, as the tests of this project have it."""
    actual, expected = (torch.as_tensor(numbers, dtype=torch.float64) for numbers in (actual, expected))
    if actual.shape != expected.shape:
        raise SystemExit(f"shape {tuple(actual.shape)}, expected {tuple(expected.shape)}")
    if expected.numel() == 0:
        return 0.0
    difference = (actual - expected).abs().max().item()
    return difference if difference == 0 or math.isnan(difference) else difference / expected.abs().max().item()


class Report:
    """Comparisons of what these scripts compute with what a golden folder has."""

    def __init__(self):
        self.failed, self.count = [], 0

    def error(self, what, error, limit):
        self.count += 1
        good = error <= limit  # not so for NaN
        if not good:
            self.failed.append(what)
        print(f"{'ok  ' if good else 'OFF '} {what}: {error:.1e} (limit {limit:.0e})", flush=True)

    def tensors(self, what, actual, expected, limit):
        """The worst of many tensors by name; all that is expected must be there."""
        if set(actual) != set(expected):
            raise SystemExit(f"{what}: {sorted(set(actual) ^ set(expected))} only on one side")
        worst = max(expected, key=lambda name: largest_error(actual[name], expected[name]), default=None)
        if worst is not None:
            self.error(f"{what}, {len(expected)} tensors, worst {worst}", largest_error(actual[worst], expected[worst]), limit)

    def equal(self, what, actual, expected):
        self.error(f"{what}, equal", 0.0 if actual == expected else 1.0, 0)

    def skip(self, what, reason):
        print(f"skip {what}: {reason}", flush=True)
