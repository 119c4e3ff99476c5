#!/usr/bin/env python3
"""Asks a server of rewards as the trainers in Python do that send pickles: flow_grpo, VeRL-Omni and DeepGen.

    imagerl serve-rewards --protocol flow-grpo --reward jpeg-incompressibility --port 8085
    src/test/compat/pickle_client.py [URL]              http://127.0.0.1:8085

Needs requests and pillow. Each question is in the form that a client sends: flow_grpo's for DeQA (images alone) and GenEval (with meta_datas),
that of VeRL-Omni and DeepGen (images, prompts, metadata), in every protocol of pickle that has bytes. The scores must be the size of the image as a
JPEG of quality 95, in kB, within 2 %, since encoders differ. Then come questions that must be refused, which pickle.loads must not take for an answer, and a
pickle that would run a command here.
"""
import io, os, pickle, sys

import requests
from PIL import Image

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8085"
SESSION = requests.Session()


def jpeg(image, quality=75):
    out = io.BytesIO()
    image.save(out, format="JPEG", quality=quality)
    return out.getvalue()


def ask(question, protocol=None, path="/", **more):
    return SESSION.post(URL + path, data=pickle.dumps(question, protocol) if not isinstance(question, bytes) else question, timeout=120, **more)


def scored(what, question, key, expected, **how):
    answer = ask(question, **how)
    answer.raise_for_status()
    found = pickle.loads(answer.content)[key]
    assert len(found) == len(expected) and all(type(f) is float and abs(f / e - 1) < 0.02 for f, e in zip(found, expected)), (what, found, expected)
    print("scored ", what, [round(f, 3) for f in found])


def refused(what, question, status, reason, **how):
    answer = ask(question, **how)
    assert answer.status_code == status and reason in answer.text, (what, answer.status_code, answer.text)
    try:
        pickle.loads(answer.content)
    except (pickle.UnpicklingError, EOFError):  # what VeRL-Omni's client takes for a plain text
        print("refused", what, status, answer.text[:90])
        return
    raise AssertionError((what, "the error is a pickle"))


class Command:
    def __reduce__(self):
        return os.system, ("true",)


def main():
    images = [Image.effect_mandelbrot((64, 48 + 16 * i), (-3, -2.5, 2, 2.5), 50).convert("RGB") for i in range(3)]
    files = [jpeg(image) for image in images]
    expected = [len(jpeg(Image.open(io.BytesIO(file)), 95)) / 1000 for file in files]
    prompts = ["a", "\u00e9\U0001f600", "a"]
    fields = [{"tag": "counting", "include": [{"class": "cat", "count": 2}], "prompt": "two cats"}] * 3  # one object, as in a group of flow_grpo
    full = {"images": files, "prompts": prompts, "metadata": {}}
    for protocol in range(3, pickle.HIGHEST_PROTOCOL + 1):
        scored(f"VeRL-Omni and DeepGen, pickle {protocol}", full, "scores", expected, protocol=protocol)
    scored("VeRL-Omni, aiohttp's type", full, "scores", expected, path="/score", headers={"Content-Type": "application/octet-stream"})
    scored("DeepGen, one reward", full, "scores", expected, path="/compute/jpeg-incompressibility/")
    scored("flow_grpo, DeQA", {"images": files}, "outputs", expected)
    scored("flow_grpo, GenEval", {"images": files, "meta_datas": fields, "only_strict": True}, "scores", expected)
    scored("DeepGen, GenEval", dict(full, metadata={"meta_datas": fields, "only_strict": False}), "scores", expected)
    refused("bytes in pickle 2", full, 400, "use 3 or later", protocol=2)
    refused("a command", dict(full, metadata=Command()), 400, "is refused")
    refused("a set", dict(full, metadata={"a": {1}}), 400, "EMPTY_SET is refused")
    refused("bytearray", dict(full, images=[bytearray(f) for f in files]), 400, "is refused", protocol=5)
    refused("no image", dict(full, images=[b"x"] * 3), 400, "images[0] is not an image")
    refused("half a request", pickle.dumps(full)[:-9], 400, "of the pickle")
    refused("JSON", b'{"prompt": []}', 400, "no pickle")
    refused("another path", full, 404, "there is no", path="/other")
    refused("a web page", full, 403, "web pages", headers={"Origin": "http://example.org"})


if __name__ == "__main__":
    main()
