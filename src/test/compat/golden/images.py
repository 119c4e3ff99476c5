"""images: small files of several formats, what Pillow reads of them, its bicubic resize, and their size as JPEG."""

import io

import numpy as np
import torch
from common import Draws, read_json, read_tensors, write_json, write_tensors
from PIL import Image

KEPT = 240  # of a resized image the top left 240 x 240 pixels are kept


def drawn(width, height, draws):
    """Waves of red, green and blue, noise, and an edge across."""
    y, x = np.mgrid[0:height, 0:width]
    value = np.stack([np.sin(x / draws.random.uniform(4, 14) + y / draws.random.uniform(8, 30) + phase)
                      for phase in draws.random.uniform(0, 6, 3)], axis=2)
    value = 128 + 100 * value + draws.random.normal(0, 12, value.shape)
    value[x > draws.random.uniform(0.4, 0.8) * width + y / 3] *= draws.random.uniform(0.3, 0.7)
    return Image.fromarray(np.clip(value, 0, 255).astype(np.uint8))


def write(folder, draws, suffix):
    """The files of a folder by name."""
    def image(*sizes):
        width, height = draws.one_of(*sizes)
        return drawn(width, height, draws)

    photo = image((90, 70), (101, 63))
    transparent = image((60, 60), (45, 71))
    transparent.putalpha(Image.fromarray(draws.random.integers(0, 256, transparent.size[::-1], dtype=np.uint8)))
    kinds = {
        "rgb0.png": (image((64, 64), (72, 56)), {}), "rgb1.png": (image((120, 80), (130, 77)), {}),
        "rgb2.png": (image((33, 97), (29, 101)), {}), "rgb3.png": (image((300, 200), (280, 211)), {}),
        "rgb4.png": (image((48, 48), (31, 40)), {"optimize": True}), "gray.png": (image((50, 70), (70, 51)).convert("L"), {}),
        "palette.png": (image((64, 40), (41, 66)).convert("P", palette=Image.Palette.ADAPTIVE, colors=draws.one_of(16, 60)), {}),
        "rgba.png": (transparent, {}), "jpeg420.jpg": (photo, {"quality": draws.one_of(85, 92), "subsampling": "4:2:0"}),
        "progressive.jpg": (photo, {"quality": draws.one_of(90, 80), "subsampling": "4:4:4", "progressive": True}),
        "bmp.bmp": (image((64, 64), (61, 50)), {}), "tiff.tiff": (image((64, 64), (53, 67)), {}),
    }
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for name, (drawing, options) in kinds.items():
        stem, ending = name.split(".")
        names.append(f"{stem}{suffix}.{ending}")
        drawing.save(folder / names[-1], **options)
    return sorted(names)


def facts(path):
    """What a file is for Pillow: numbers, and tensors by the beginning of their names."""
    image = Image.open(path).convert("RGB")
    jpeg = io.BytesIO()
    image.save(jpeg, "JPEG", quality=95)
    width, height = image.size
    short = min(width, height)
    size = (224 * width // short, 224 * height // short)
    resized = np.asarray(image.resize(size, Image.Resampling.BICUBIC))[:KEPT, :KEPT]
    numbers = {"size": [width, height], "jpeg95_bytes": jpeg.tell(), "resized": list(size)}
    return numbers, {"rgb": torch.tensor(np.asarray(image)), "resize224": torch.tensor(resized)}


def make(out, seed, _):
    folder = out / "images"
    expected, tensors = {}, {}
    for name in write(folder, Draws(seed, "images"), "" if seed == 11 else f"-{seed}"):
        expected[name], found = facts(folder / name)
        tensors |= {f"{kind}.{name}": tensor for kind, tensor in found.items()}
    write_json(folder / "expected.json", expected)
    write_tensors(folder / "expected.safetensors", tensors)


def check(golden, report, _):
    folder = golden / "images"
    tensors = read_tensors(folder / "expected.safetensors")
    for name, expected in read_json(folder / "expected.json").items():
        numbers, found = facts(folder / name)
        report.error(f"images {name} JPEG bytes", abs(numbers.pop("jpeg95_bytes") / expected.pop("jpeg95_bytes") - 1), 0.01)
        report.equal(f"images {name} sizes", numbers, expected)
        for kind, tensor in found.items():
            difference = (tensor.int() - tensors[f"{kind}.{name}"].int()).abs().max().item()
            report.error(f"images {name} {kind}, bytes", difference, 2 if name.endswith(".jpg") else 0)
