"""onnx-clip: a tiny CLIP as Optimum exports it, and what it makes of the images of this folder."""

import json

import clip_tokenizer
import numpy as np
import onnxruntime
import torch
from common import Draws, fill, largest_error, read_json, read_tensors, write_json, write_tensors
from PIL import Image
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel

PROMPTS = ["a photo of a cat", "stripes and noise", "a colourful gradient", "night sky over the city", "the dog in the garden"]
OUTPUTS = ["logits_per_image", "logits_per_text", "text_embeds", "image_embeds"]
LOGITS_ATOL = 1e-3


class Exported(torch.nn.Module):
    """CLIP with the inputs and outputs in Optimum's order."""

    def __init__(self, model):
        super().__init__()
        self.m = model

    def forward(self, input_ids, pixel_values, attention_mask):
        found = self.m(input_ids=input_ids, pixel_values=pixel_values, attention_mask=attention_mask)
        return tuple(found[name] for name in OUTPUTS)


def configuration(tokenizer, draws):
    edge, patch = draws.one_of((32, 8), (30, 10))
    width = draws.one_of(24, 20)
    ends = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.eos_token_id}
    text = {"vocab_size": len(tokenizer), "hidden_size": 16, "intermediate_size": 32, "num_attention_heads": 2,
            "num_hidden_layers": 2, "projection_dim": width}
    vision = {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 4, "num_hidden_layers": 2, "image_size": edge,
              "patch_size": patch, "projection_dim": width}
    return CLIPConfig(text_config=text | ends, vision_config=vision, projection_dim=width, logit_scale_init_value=4.6)


def prepared(images, prompts, processor, tokenizer):
    """The inputs of the model; prompts are padded to 77 tokens."""
    pixels = processor([Image.open(image).convert("RGB") for image in images], return_tensors="np")["pixel_values"]
    ids = np.array([clip_tokenizer.tokens(tokenizer, prompt)["input_ids"] for prompt in prompts])
    lengths = [len(clip_tokenizer.tokens(tokenizer, prompt)["unpadded"]) for prompt in prompts]
    mask = (np.arange(ids.shape[1])[None, :] < np.array(lengths)[:, None]).astype(np.int64)
    return {"input_ids": ids, "pixel_values": pixels.astype(np.float32), "attention_mask": mask}


def scores(logits, scale):
    return {"logits_per_image": logits.tolist(), "pickscore": (logits / 26).tolist(), "cosine": (logits / scale).tolist()}


@torch.no_grad()
def make(out, seed, _):
    folder, draws = out / "onnx-clip", Draws(seed, "onnx-clip")
    tokenizer = clip_tokenizer.tiny(folder, draws)
    tokenizer.save_pretrained(folder)
    model = fill(CLIPModel._from_config(configuration(tokenizer, draws), attn_implementation="eager"), draws)
    model.save_pretrained(folder)  # the same weights as safetensors
    config = json.loads(model.config.to_json_string())
    write_json(folder / "config.json", config)
    edge = model.config.vision_config.image_size
    processor = CLIPImageProcessor(size={"shortest_edge": edge}, crop_size={"height": edge, "width": edge})
    processor.save_pretrained(folder)
    sources = out / "images"
    images = sorted(file.name for file in sources.glob("*") if file.suffix in (".png", ".jpg"))
    if not images:
        raise SystemExit(f"{sources} has no images: make the kind images before onnx-clip")
    prompts = PROMPTS[: draws.one_of(4, 3, 5)]
    given = prepared([sources / name for name in images], prompts, processor, tokenizer)
    tensors = {name: torch.from_numpy(array) for name, array in given.items()}
    torch.onnx.export(
        Exported(model), tuple(tensors.values()), folder / "model.onnx", input_names=list(tensors), output_names=OUTPUTS,
        opset_version=14, dynamic_axes={
            "input_ids": {0: "text_batch_size", 1: "sequence_length"}, "pixel_values": {0: "image_batch_size"},
            "attention_mask": {0: "text_batch_size", 1: "sequence_length"},
            "logits_per_image": {0: "image_batch_size", 1: "text_batch_size"},
            "logits_per_text": {0: "text_batch_size", 1: "image_batch_size"},
            "text_embeds": {0: "text_batch_size"}, "image_embeds": {0: "image_batch_size"}})
    found = model(**tensors)
    write_json(folder / "expected.json", {"images": images, "prompts": prompts}
               | scores(found.logits_per_image, model.logit_scale.exp()))
    write_tensors(folder / "expected.safetensors", {"pixel_values": tensors["pixel_values"]}
                  | {name: found[name] for name in OUTPUTS if name != "logits_per_text"})


def check(golden, report, _):
    folder = golden / "onnx-clip"
    expected = read_json(folder / "expected.json")
    stored = read_tensors(folder / "expected.safetensors")
    given = prepared([golden / "images" / name for name in expected["images"]], expected["prompts"],
                     CLIPImageProcessor.from_pretrained(folder), clip_tokenizer.load(folder))
    report.error("onnx-clip pixel_values", largest_error(given["pixel_values"], stored["pixel_values"]), 1e-4)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])
    found = dict(zip(OUTPUTS, (torch.from_numpy(array) for array in session.run(OUTPUTS, given))))
    for name in ("text_embeds", "image_embeds"):
        report.error(f"onnx-clip {name}", largest_error(found[name], stored[name]), 1e-4)
    if (folder / "model.safetensors").exists():
        with torch.no_grad():
            tensors = CLIPModel.from_pretrained(folder)(**{name: torch.from_numpy(array) for name, array in given.items()})
        report.error("onnx-clip model.safetensors", largest_error(tensors.logits_per_image, found["logits_per_image"]), 1e-4)
    logits = found["logits_per_image"]
    cosine = torch.nn.functional.normalize(found["image_embeds"], dim=1) @ torch.nn.functional.normalize(found["text_embeds"], dim=1).T
    for key, value in (("logits_per_image", logits), ("pickscore", logits / 26), ("cosine", cosine)):
        difference = (value - torch.tensor(expected[key])).abs().max().item()
        report.error(f"onnx-clip {key}, absolute", difference, LOGITS_ATOL)
