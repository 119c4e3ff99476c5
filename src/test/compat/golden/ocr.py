"""ocr: images with a text that a reader of text must find, in the font that comes with Pillow."""

import re

import numpy as np
from common import Draws, read_json, write_json
from PIL import Image, ImageDraw, ImageFont

TEXTS = ["HELLO 42", "Flow GRPO", "OPEN", "Java 17", "diffusion", "STOP", "reward model", "Text 99", "PLUGIN", "Sale 50%",
         "COFFEE", "New York", "garden", "Room 38", "WELCOME", "Book shop", "Exit 24", "sunshine", "MARKET", "Paris 86"]


def background(edge, draws):
    """Light waves of colour."""
    y, x = np.mgrid[0:edge, 0:edge] * (256 / edge)
    waves = np.stack([np.sin(x / draws.random.uniform(12, 25) + a) + np.cos(y / draws.random.uniform(12, 25) + b)
                      for a, b in draws.random.uniform(0, 6, (3, 2))], axis=2)
    return Image.fromarray((205 + 20 * waves).astype(np.uint8))


def written(text, edge, draws):
    image = background(edge, draws)
    pen = ImageDraw.Draw(image)
    size = edge // 5
    while pen.textlength(text, ImageFont.load_default(size)) > 0.85 * edge:
        size -= 1
    font = ImageFont.load_default(size)
    room = edge - pen.textlength(text, font)
    place = draws.random.uniform(0.1, 0.9) * room, draws.random.uniform(0.1, 0.9) * (edge - 1.5 * size)
    ink = tuple(int(v) for v in draws.random.integers(0, 90, 3))
    pen.text(place, text, fill=ink, font=font, stroke_width=max(1, size // 30), stroke_fill=ink)
    return image


def make(out, seed, _):
    draws = Draws(seed, "ocr")
    folder = out / "ocr"
    folder.mkdir(parents=True, exist_ok=True)
    texts = TEXTS[:10] if seed == 11 else [TEXTS[i] for i in sorted(draws.random.permutation(len(TEXTS))[: draws.one_of(8, 9, 11)])]
    expected = []
    for number, text in enumerate(texts):
        name = f"{number:02}.png" if seed == 11 else f"sign-{number}.png"
        written(text, 512 if number % 2 == 0 else 256, draws).save(folder / name)
        scene = "a sign that says" if number % 3 else draws.one_of("a sign that says", "a poster with the words")
        expected.append({"image": name, "prompt": f'{scene} "{text}" on the wall', "text": text})
    write_json(folder / "expected.json", expected, indent=0)


def check(golden, report, _):
    """Nothing here reads images; the tests do."""
    for case in read_json(golden / "ocr/expected.json"):
        quoted = re.search('"(.*)"', case["prompt"]).group(1)
        report.equal(f"ocr {case['image']} text in the prompt", quoted, case["text"])
        with Image.open(golden / "ocr" / case["image"]) as image:
            image.load()
