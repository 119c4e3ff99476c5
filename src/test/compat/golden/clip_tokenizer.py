"""clip-tokenizer: token ids of prompts; and vocabularies in the form of CLIP's for the tiny checkpoints."""

import collections
import tempfile
import warnings
from pathlib import Path

from common import Draws, read_json, write_json
from transformers import CLIPTokenizer

START, END = "<|startoftext|>", "<|endoftext|>"
LENGTH = 77
MERGES = Path(__file__).resolve().parents[4] / "plugins/hub/src/main/resources/org/imagerl/hub/tokenizer/clip-merges.txt"
CORPUS = ("the cat and the dog, a photo of the cat, a photo of the dog in the garden, the sign on the wall that says hello, "
          "night sky over the city, stripes and noise, a colourful gradient, an oil painting of the sea, reading and riding")
PROMPTS = [
    "a photo of a cat", "A Photo of the CAT's hat, don't!", "an astronaut riding a horse on mars, 8k, trending on artstation",
    'a storefront with "HELLO 42" written on it', "", "   spaces   and\ttabs\nnewline ", "café naïve façade Ünïcödé",
    "emoji 😀🚀 test", "3.14159 2,000,000 v1.5 #hashtag @user http://x.y/z?a=b", "it's we're they've i'll i'd i'm",
    "under_score hyphen-ated (parens) [brackets] {braces}", "<|startoftext|> literal <|endoftext|>", "x" * 128,
    "very " * 95 + "long", "a‑non‑breaking hyphen — em dash … ellipsis", "¿qué? ¡hola! «guillemets» “curly quotes”",
    "1st 2nd 3rd 4k 1080p 16:9", "C++ & C# <html> a/b\\c", "RTX4090ti", "mountain landscape at dusk, oil painting, by a master",
]


def characters():
    """The printable characters that stand for the 256 bytes, in the order of CLIP's vocabulary."""
    shown = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    return [chr(byte) for byte in shown] + [chr(256 + i) for i in range(256 - len(shown))]


def learn(text, count):
    """Merges by the number of pairs, the most frequent first; of equal ones the first in order."""
    words = collections.Counter(tuple(word[:-1]) + (word[-1] + "</w>",) for word in text.replace(",", " ").split())
    merges = []
    for _ in range(count):
        pairs = collections.Counter()
        for word, times in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += times
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        merged = collections.Counter()
        for word, times in words.items():
            parts = []
            for part in word:
                if parts and (parts[-1], part) == best:
                    parts[-1] += part
                else:
                    parts.append(part)
            merged[tuple(parts)] += times
        words = merged
    return merges


def write(folder, merges):
    """The files of a tokenizer of CLIP's kind: its vocabulary is the bytes and what the merges make of them."""
    tokens = characters() + [c + "</w>" for c in characters()] + ["".join(pair) for pair in merges] + [START, END]
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "vocab.json", {token: number for number, token in enumerate(tokens)}, indent=None)
    lines = ["#version: 0.2"] + [" ".join(pair) for pair in merges]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n")
    return load(folder)


def tiny(folder, draws):
    """A tokenizer of CLIP's kind with a few merges; also saved to a folder."""
    return write(folder, learn(CORPUS, draws.one_of(14, 25, 40)))


def published(arguments):
    """CLIP's own tokenizer, of the folder that is given or else of the merges that imagerl has."""
    if arguments.clip_vocabulary:
        return load(arguments.clip_vocabulary)
    with tempfile.TemporaryDirectory() as folder:
        return write(Path(folder), [line.split(" ") for line in MERGES.read_text().splitlines()])


def load(folder):
    """With the vocabulary of a folder; a prompt is cut and padded to 77 tokens."""
    return CLIPTokenizer(folder / "vocab.json", folder / "merges.txt", pad_token=END, model_max_length=LENGTH)


def tokens(tokenizer, prompt):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        padded = tokenizer(prompt, padding="max_length", truncation=True, max_length=LENGTH).input_ids
        return {"prompt": prompt, "input_ids": padded, "unpadded": tokenizer(prompt, truncation=True, max_length=LENGTH).input_ids}


def make(out, seed, arguments):
    folder = out / "clip-tokenizer"
    tokenizer = tiny(folder, Draws(seed, "clip-tokenizer"))
    tokenizer.save_pretrained(folder)
    for name, by in ("tokens.json", tokenizer), ("published.json", published(arguments)):
        write_json(folder / name, [tokens(by, prompt) for prompt in PROMPTS], indent=0)


def check(golden, report, arguments):
    folder = golden / "clip-tokenizer"
    own = load(folder) if (folder / "vocab.json").exists() else published(arguments)
    for name, by in ("tokens.json", own), ("published.json", published(arguments)):
        for case in read_json(folder / name) if (folder / name).exists() else []:
            report.equal(f"clip-tokenizer {name} {case['prompt'][:40]!r}", tokens(by, case["prompt"]), case)
