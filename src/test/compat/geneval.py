#!/usr/bin/env python3
"""What the published code of GenEval and of Flow-GRPO's reward server says of objects, for rewards/src/test/resources/golden/geneval.json.

    git clone https://github.com/djghosh13/geneval && git clone https://github.com/yifan123/reward-server
    python src/test/compat/geneval.py geneval reward-server > rewards/src/test/resources/golden/geneval.json

Needs numpy alone: the functions are taken out of both files as they stand, and called with boxes in the place of a detector and with a table of colours in the
place of CLIP. A case has tasks of all kinds of GenEval, and some that its lists do not have (several objects in a place, a place relative to the second entry). Boxes
are whole numbers, so that float32 and float64 agree. Made with af4902f of GenEval and 92ac29f of reward-server.
"""
import ast, json, pathlib, random, sys, types

import numpy as np

CLASSES = ["cat", "dog", "cup"]
COLORS = ["red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white"]
KINDS = ["single_object", "two_object", "counting", "colors", "position", "color_attr"]


def functions(file, names):
    """The source of functions of a file, nested ones too, without running the rest of it."""
    tree = ast.parse(pathlib.Path(file).read_text())
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in names]
    assert {node.name for node in found} == set(names), (file, names)
    return ast.Module(found, [])


def world(file, names, case):
    """Names that the functions use, for one case."""
    bbox = [np.array([b for b in case["boxes"] if b[5] == i], np.float64).reshape(-1, 6)[:, :5] for i in range(len(CLASSES))]
    colors = {tuple(b[:5]): c for b, c in zip(case["boxes"], case["colors"])}
    space = dict(np=np, json=json, classnames=CLASSES, COLORS=COLORS, object_detector=None, os=__import__("os"),
                 THRESHOLD=case["threshold"], COUNTING_THRESHOLD=case["counting_threshold"], MAX_OBJECTS=case["max_objects"],
                 NMS_THRESHOLD=case["max_overlap"], POSITION_THRESHOLD=case["position_threshold"],
                 Image=types.SimpleNamespace(open=lambda path: None), ImageOps=types.SimpleNamespace(exif_transpose=lambda image: image),
                 color_classification=lambda image, objects, name: [colors[tuple(float(x) for x in box)] for box, _ in objects])
    exec(compile(functions(file, names), str(file), "exec"), space)
    return space, bbox


def task(rng):
    kind = rng.choice(KINDS)
    a, b = rng.sample(CLASSES, 2)
    one = lambda name, **more: dict({"class": name, "count": 1}, **more)
    if kind == "single_object":
        return dict(tag=kind, include=[one(a)])
    if kind == "two_object":
        return dict(tag=kind, include=[one(a), one(b)])
    if kind == "counting":
        n = rng.randint(2, 4)
        return dict(tag=kind, include=[{"class": a, "count": n}], exclude=[{"class": a, "count": n + 1}])
    if kind == "colors":
        return dict(tag=kind, include=[{"class": a, "count": rng.randint(1, 2), "color": rng.choice(COLORS[:2])}])
    if kind == "position":
        place = [rng.choice(["left of", "right of", "above", "below"]), 0]
        odd = rng.random() < 0.3
        include = [one(b), one(a, position=place)]
        if odd:
            include = [one(b), one(a), {"class": CLASSES[(CLASSES.index(a) + 1) % 3], "count": 2, "color": "red", "position": [place[0], 1]}]
        return dict(tag=kind, include=include)
    return dict(tag=kind, include=[one(a, color=rng.choice(COLORS[:2])), one(b, color=rng.choice(COLORS[:2]))])


def box(rng):
    x, y = rng.randint(0, 90), rng.randint(0, 90)
    return [x, y, x + rng.randint(1, 60), y + rng.randint(1, 60)]


def case(rng):
    overlap = rng.choice([1.0, 1.0, 0.4])
    most = 16 if overlap < 1 else rng.choice([2, 16])  # GenEval takes the surest first and removes overlaps then; imagerl does it the other way
    count = rng.choice([2, 3, 3, 4, 5, 8])
    scores = rng.sample(range(1, 100), count)  # all different: the order of equal ones is not said
    return dict(threshold=0.3, counting_threshold=0.5, max_objects=most, max_overlap=overlap, position_threshold=rng.choice([0.1, 0.4]),
                boxes=[[float(v) for v in box(rng)] + [score / 100, float(rng.randrange(len(CLASSES)))] for score in scores],
                colors=[rng.choice(COLORS[:2]) for _ in scores], task=dict(task(rng), prompt="x"))


def main(geneval, server):
    rng = random.Random(0)
    cases = [case(rng) for _ in range(200)]
    for one in cases:
        names = ["compute_iou", "relative_position", "evaluate", "evaluate_image"]
        space, bbox = world(pathlib.Path(geneval) / "evaluation/evaluate_images.py", names, one)
        space["inference_detector"] = lambda detector, path: bbox
        published = space["evaluate_image"]("x.png", one["task"])
        space, bbox = world(pathlib.Path(server) / "reward_server/gen_eval.py", names + ["evaluate_reward"], one)
        space["inference_detector"] = lambda detector, images: [bbox for _ in images]
        graded = space["evaluate_image"]([None], [one["task"]], False)[0]
        assert graded["correct"] == published["correct"]
        one.update(correct=bool(published["correct"]), strict=bool(graded["strict_correct"]), share=float(graded["score"]))
    for key in ("correct", "strict"):
        share = sum(one[key] for one in cases) / len(cases)
        assert 0.1 < share < 0.9, (key, share)
    json.dump(dict(classes=CLASSES, cases=cases), sys.stdout, separators=(",", ":"))


if __name__ == "__main__":
    main(*sys.argv[1:])
