#!/usr/bin/env python3
"""Lets the reward clients of flow_grpo, VeRL-Omni and Flow-Factory ask servers of imagerl, as their trainers do.

    python src/test/compat/reward_clients.py IMAGERL --flow-grpo DIR --verl-omni DIR --flow-factory DIR

IMAGERL is the command, for instance plugins/cli/target/dist/bin/imagerl; each DIR is a checkout of that repository. The client's own file is imported from there; nothing of it is copied.
Needs torch, numpy, pillow, requests and onnx; aiohttp for VeRL-Omni; accelerate, diffusers and what else Flow-Factory imports. The servers stand at 18085 and 18086, which flow_grpo's code
fixes, and at 18087. Scored are JPEG sizes, which are compared with Pillow's within 2 %, since encoders differ, and objects of a detector that finds the same in every image.
Last run with ac4c86e of flow_grpo, a1139ba of verl-omni and a0b2bc5 of Flow-Factory.
"""
import argparse, asyncio, contextlib, importlib, importlib.util, io, pathlib, shlex, subprocess, sys, tempfile, time, types, urllib.error, urllib.request

import numpy as np
import torch
from PIL import Image


def detector(folder):
    """A folder of a detector in the layout yolov8 that finds one cat on the left and one dog on the right of it."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    table = np.array([[4, 8, 4, 8, .95, 0], [12, 8, 4, 8, 0, .6]], np.float32).T[None]
    graph = helper.make_graph([helper.make_node("Identity", ["table"], ["output0"])], "g",
                              [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, 16, 16])],
                              [helper.make_tensor_value_info("output0", TensorProto.FLOAT, list(table.shape))],
                              [numpy_helper.from_array(table, "table")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "model.onnx")
    (folder / "classes.txt").write_text("cat\ndog\n")


@contextlib.contextmanager
def server(imagerl, port, *options):
    process = subprocess.Popen([*shlex.split(imagerl), "serve-rewards", "--port", str(port), *options], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).read()
                break
            except urllib.error.URLError:
                assert process.poll() is None, process.stderr.read().decode()
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def load(name, file):
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def size(image, first):
    """Size in kB as a JPEG of quality 95 of an image that was sent as `first` (PNG, or JPEG at Pillow's default quality)."""
    sent, out = io.BytesIO(), io.BytesIO()
    image.save(sent, format=first)
    Image.open(sent).convert("RGB").save(out, format="JPEG", quality=95)
    return len(out.getvalue()) / 1000


def near(found, expected):
    assert len(found) == len(expected) and all(abs(f / e - 1) < 0.02 for f, e in zip(found, expected)), (found, expected)


def flow_grpo(checkout, imagerl, folder, images, tensors):
    rewards = load("flow_grpo_rewards", checkout / "flow_grpo/rewards.py")
    with server(imagerl, 18086, "--protocol", "flow-grpo", "--reward", "jpeg-incompressibility"):
        scores, _ = rewards.deqa_score_remote("cpu")(tensors, ["a"] * len(images), {})
        near(scores, [size(image, "JPEG") for image in images])
    print("flow_grpo, deqa_score_remote: right", [round(s, 2) for s in scores])
    tasks = [dict(tag="counting", include=[{"class": "cat", "count": 2}], exclude=[{"class": "cat", "count": 3}], prompt="two cats"),
             dict(tag="position", include=[{"class": "dog", "count": 1}, {"class": "cat", "count": 1, "position": ["left of", 0]}], prompt="x"),
             dict(tag="two_object", include=[{"class": "dog", "count": 1}, {"class": "cat", "count": 1}], prompt="x")]
    with server(imagerl, 18085, "--protocol", "flow-grpo", "--reward", f"detector={folder}"):
        scores, rewards_, strict, groups, strict_groups = rewards.geneval_score("cpu")(tensors, ["x"] * 3, tasks, False)
    assert scores == [0.5, 1, 1] and rewards_ == strict == [0, 1, 1], (scores, rewards_, strict)
    assert groups["position"] == strict_groups["position"] == [-10, 1, -10] and groups["colors"] == [-10] * 3, groups
    print("flow_grpo, geneval_score: right", scores)


def verl_omni(checkout, imagerl, images, tensors):
    client = load("verl_omni_client", checkout / "verl_omni/utils/reward_score/http_scorer_client.py")

    async def ask(url):
        try:
            return [(await client.compute_score(tensor, "a cat", url))["score"] for tensor in tensors]
        finally:
            await client.compute_score._session.close()

    with server(imagerl, 18087, "--protocol", "flow-grpo", "--reward", "jpeg-incompressibility") as url:
        scores = asyncio.run(ask(url))
        near(scores, [size(image, "JPEG") for image in images])
    with server(imagerl, 18087, "--protocol", "flow-grpo", "--reward", "ocr") as url:
        try:
            asyncio.run(ask(url))
        except RuntimeError as e:
            assert "422" in str(e) and "quot" in str(e), e
        else:
            raise AssertionError("a prompt without quotes has an OCR score")
    print("VeRL-Omni, compute_score: right", [round(s, 2) for s in scores], "and an error is told")


def flow_factory(checkout, imagerl, images, tensors):
    sys.path.insert(0, str(checkout / "src"))
    client = importlib.import_module("flow_factory.rewards.my_reward_remote")
    accelerator = types.SimpleNamespace(device=torch.device("cpu"))
    with server(imagerl, 18087, "--reward", "jpeg-incompressibility") as url:
        arguments = importlib.import_module("flow_factory.hparams").RewardArguments(device="cpu", batch_size=2)
        arguments.server_url = url
        for kind in (client.RemotePointwiseRewardModel, client.RemoteGroupwiseRewardModel):
            found = kind(arguments, accelerator)(prompt=["a"] * len(images), image=images).rewards
            near(found.tolist(), [size(image, "PNG") for image in images])
        near(client.RemoteRewardClient(url).compute(["a"] * len(images), list(tensors)), [size(image, "PNG") for image in images])
    print("Flow-Factory, pointwise, groupwise, tensors: right", [round(s, 2) for s in found.tolist()])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("imagerl")
    for name in ("flow-grpo", "verl-omni", "flow-factory"):
        parser.add_argument(f"--{name}", type=pathlib.Path)
    args = parser.parse_args()
    images = [Image.effect_mandelbrot((64, 64), (-3 + i, -2.5, 2, 2.5), 50 + i).convert("RGB") for i in range(3)]
    tensors = torch.stack([torch.from_numpy(np.array(image)).permute(2, 0, 1) / 255 for image in images])
    with tempfile.TemporaryDirectory() as folder:
        if args.flow_grpo:
            detector(pathlib.Path(folder))
            flow_grpo(args.flow_grpo, args.imagerl, folder, images, tensors)
        if args.verl_omni:
            verl_omni(args.verl_omni, args.imagerl, images, (tensors * 255).round().to(torch.uint8))
        if args.flow_factory:
            flow_factory(args.flow_factory, args.imagerl, images, tensors)


if __name__ == "__main__":
    main()
