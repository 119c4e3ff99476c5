#!/usr/bin/env python3
"""Compares the reward `detector` with ONNX Runtime and OpenCV on a published YOLO 8, which the package nudenet carries.

    python src/test/compat/detector.py IMAGERL

IMAGERL is the command, for instance plugins/cli/target/dist/bin/imagerl. Needs nudenet==3.4.2 (for its file 320n.onnx), scikit-image (for its photographs), opencv-python-headless, onnxruntime
and pillow. The reference prepares an image as LetterBox of Ultralytics does and drops overlaps of 0.7. It prints both and how far they are apart, and fails if they do not find the same objects,
or differ where no image is resized.
"""
import ast, importlib.util, json, pathlib, re, shlex, shutil, subprocess, sys, tempfile

import cv2
import numpy as np
import onnxruntime
from PIL import Image

SIZE, THRESHOLD, OVERLAP = 320, 0.3, 0.7
FEMALE, MALE = "FACE_FEMALE", "FACE_MALE"


def package(name):
    return pathlib.Path(importlib.util.find_spec(name).origin).parent


def images(folder):
    """Photographs, and what is made of them: the faces that each shows by class."""
    data = package("skimage") / "data"
    photographs = {name: Image.open(data / f"{name}.png").convert("RGB") for name in ("astronaut", "camera", "chelsea", "coffee")}
    face = photographs["astronaut"].crop((120, 0, 376, 256))
    four = Image.new("RGB", (512, 512))
    for i in range(4):
        four.paste(face if i % 2 == 0 else face.transpose(Image.FLIP_LEFT_RIGHT), (i % 2 * 256, i // 2 * 256))
    made = photographs | {"four": four, "two": four.crop((0, 0, 512, 256)), "tall": photographs["astronaut"].crop((100, 0, 400, 512)),
                          "astronaut_own_size": photographs["astronaut"].resize((SIZE, SIZE), Image.BICUBIC), "four_own_size": four.resize((SIZE, SIZE), Image.BICUBIC)}
    for name, image in made.items():
        image.save(folder / f"{name}.png")
    (folder / "prompts.jsonl").write_text("".join(json.dumps({"file_name": f"{name}.png", "prompt": "faces", "tag": "object",
                                                              "include": [{"class": FEMALE, "count": 1}, {"class": MALE, "count": 1}]}) + "\n" for name in made))
    return sorted(made)


def overlap(a, b):
    shared = np.prod(np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None))
    return shared / (np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - shared)


def reference(session, names, file):
    """Faces as (class, certainty, corners in pixels of the image)."""
    image = cv2.imread(str(file))
    height, width = image.shape[:2]
    ratio = min(SIZE / height, SIZE / width)
    new = round(width * ratio), round(height * ratio)
    beside, above = (SIZE - new[0]) / 2, (SIZE - new[1]) / 2
    left, top = round(beside - 0.1), round(above - 0.1)
    resized = image if new == (width, height) else cv2.resize(image, new, interpolation=cv2.INTER_LINEAR)
    padded = cv2.copyMakeBorder(resized, top, round(above + 0.1), left, round(beside + 0.1), cv2.BORDER_CONSTANT, value=(114,) * 3)
    rows = session.run(None, {"images": padded[..., ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 255})[0][0].T
    scores, labels = rows[:, 4:].max(1), rows[:, 4:].argmax(1)
    corners = np.concatenate([rows[:, :2] - rows[:, 2:4] / 2, rows[:, :2] + rows[:, 2:4] / 2], 1)
    corners = (corners - np.array([left, top] * 2)) / ratio
    kept = []
    for i in scores.argsort()[::-1]:
        if scores[i] > THRESHOLD and all(labels[i] != labels[j] or overlap(corners[i], corners[j]) < OVERLAP for j in kept):
            kept.append(i)
    limits = np.array([width, height] * 2)
    return [(names[labels[i]], float(scores[i]), np.clip(corners[i], 0, limits)) for i in kept if names[labels[i]] in (FEMALE, MALE)]


def scored(row):
    """The same of a result of `imagerl score`."""
    details = row["details"]
    boxes = [(name, np.array([float(edge) for edge in edges.split(", ")])) for name, edges in re.findall(r"(\w+) \[([^]]*)]", details["detector.boxes"])]
    sure = [float(score) for _, scores in re.findall(r"\d+ (\w+) \(([^)]*)\)", details["detector.found"]) for score in scores.split(", ")]
    return [(name, score, edges) for (name, edges), score in zip(boxes, sure, strict=True)]


def main(imagerl):
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for name in ("images", "detector"):
            (folder / name).mkdir()
        names = images(folder / "images")
        shutil.copy(package("nudenet") / "320n.onnx", folder / "detector" / "model.onnx")
        session = onnxruntime.InferenceSession(folder / "detector" / "model.onnx")
        classes = ast.literal_eval(session.get_modelmeta().custom_metadata_map["names"])
        subprocess.run([*shlex.split(imagerl), "score", folder / "images", "--reward", f"detector={folder / 'detector'}", "--out", folder / "scores.jsonl"],
                       check=True, stdout=subprocess.DEVNULL)
        rows = {row["file_name"]: row for row in map(json.loads, (folder / "scores.jsonl").read_text().splitlines())}
        far = {True: [0, 0.0, 0.0], False: [0, 0.0, 0.0]}
        for name in names:
            ours, theirs = scored(rows[f"{name}.png"]), reference(session, classes, folder / "images" / f"{name}.png")
            assert len(ours) == len(theirs), (name, ours, theirs)
            for label, score, edges in theirs:
                near = max(ours, key=lambda own: (own[0] == label, overlap(own[2], edges)))
                assert near[0] == label and overlap(near[2], edges) > 0.8, (name, near, edges)
                worst = far[name.endswith("own_size")]
                worst[0] += 1
                worst[1] = max(worst[1], abs(near[1] - score))
                worst[2] = max(worst[2], float(np.abs(near[2] - edges).max()))
                print(f"{name:20} {label:12} {near[1]:.2f} {score:.4f}  {near[2]}  {edges.round(1)}")
        for own, (count, certainty, edge) in far.items():
            print(f"{'not resized' if own else 'resized'}: {count} faces, certainties at most {certainty:.3f} apart, edges {edge:.1f} pixels")
        assert far[True][1] <= 0.0051 and far[True][2] <= 0.51


if __name__ == "__main__":
    main(sys.argv[1])
