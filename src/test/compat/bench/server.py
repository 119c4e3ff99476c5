#!/usr/bin/env python3
"""Compares the reward server of imagerl with one in Python: Flask under gunicorn, Pillow and ONNX Runtime, on the same model, the same requests and the same number of threads.

    python src/test/compat/bench/server.py IMAGERL [--pairs 7] [--seconds 4] [--threads 2] [--only light-json]

IMAGERL is the command, for instance plugins/cli-scoring/target/dist/bin/imagerl. Needs numpy, onnx, onnxruntime, pillow, flask, gunicorn.

A request has four different images of 512 x 512 pixels, with a gradient, shapes and a little noise: PNG in base64 in the JSON of Flow-Factory, or JPEG in a pickle of flow_grpo. Both servers decode
them, resize to 224 x 224 (bicubic, as Pillow), normalise, and run a convolutional network with random weights of two sizes: `light` has 0.04 G multiply-adds, so that decoding and parsing weigh
most, `heavy` 1.5 G, nearly a ResNet-18. Scores must agree within 2e-3 of their spread. Rounds of both servers take turns; the other one rests meanwhile. A ratio is that of a pair of neighbouring
rounds: requests per second of processor time of the server (children too), which other programs hardly change, and requests per second. Printed are medians over the pairs, with the least and
the greatest; above 1 imagerl is faster.
"""
import argparse, base64, http.client, io, json, os, pathlib, pickle, shlex, statistics, subprocess, sys, tempfile, threading, time

import numpy as np
from PIL import Image, ImageDraw

SIDE, MEAN, STD = 224, [0.48, 0.46, 0.41], [0.27, 0.26, 0.28]
PYTHON_SERVER = '''
import base64, io, pickle
import numpy as np, onnxruntime
from flask import Flask, request, jsonify
from PIL import Image
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = THREADS
session = onnxruntime.InferenceSession(MODEL, options, providers=["CPUExecutionProvider"])
mean, std = np.array(MEAN, np.float32), np.array(STD, np.float32)
app = Flask(__name__)

def prepared(data):
    image = Image.open(io.BytesIO(data)).convert("RGB").resize((SIDE, SIDE), Image.BICUBIC)
    return ((np.asarray(image, np.float32) / 255 - mean) / std).transpose(2, 0, 1)

def scores(files):
    return session.run(None, {"image": np.stack([prepared(data) for data in files])})[0][:, 0].tolist()

@app.get("/health")
def health():
    return jsonify(status="ok")

@app.post("/compute")
def compute():
    return jsonify(rewards=scores([base64.b64decode(text) for text in request.get_json()["image"]]))

@app.post("/")
def score():
    return pickle.dumps({"scores": scores(pickle.loads(request.get_data())["images"])})
'''


def network(file, width):
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    random, nodes, weights, before, channels = np.random.default_rng(0), [], [], "image", 3
    for i, (times, size, stride) in enumerate([(1, 7, 4), (2, 3, 2), (4, 3, 2)]):
        out = width * times
        weights.append(numpy_helper.from_array((random.standard_normal((out, channels, size, size)) / np.sqrt(channels * size * size / 2)).astype(np.float32), f"w{i}"))
        nodes.append(helper.make_node("Conv", [before, f"w{i}"], [f"c{i}"], strides=[stride] * 2, pads=[size // 2] * 4))
        nodes.append(helper.make_node("Relu", [f"c{i}"], [f"r{i}"]))
        before, channels = f"r{i}", out
    weights.append(numpy_helper.from_array((random.standard_normal((channels, 1)) / np.sqrt(channels)).astype(np.float32), "w"))
    nodes += [helper.make_node("GlobalAveragePool", [before], ["p"]), helper.make_node("Flatten", ["p"], ["f"]), helper.make_node("MatMul", ["f", "w"], ["score"])]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, SIDE, SIDE])],
                              [helper.make_tensor_value_info("score", TensorProto.FLOAT, ["batch", 1])], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), file)


def images():
    random, made = np.random.default_rng(1), []
    for i in range(4):
        y, x = np.mgrid[0:512, 0:512]
        image = Image.fromarray(np.stack([(x + 40 * i) % 256, (y // 2 + x // 3) % 256, (x + y) // 5 % 256], 2).astype(np.uint8))
        draw = ImageDraw.Draw(image)
        for _ in range(30):
            a, b, r = random.integers(0, 512, 3) // [1, 1, 5]
            draw.ellipse([a - r, b - r, a + r, b + r], tuple(random.integers(0, 256, 3).tolist()))
        made.append(Image.fromarray(np.clip(np.asarray(image, np.int16) + random.normal(0, 2, (512, 512, 3)).round().astype(np.int16), 0, 255).astype(np.uint8)))
    return made


def files(made, form):
    out = [io.BytesIO() for _ in made]
    for image, file in zip(made, out):
        image.save(file, form)
    return [file.getvalue() for file in out]


def children(pid):
    """The process and all below it."""
    found = [pid]
    for parent in found:
        for tasks in pathlib.Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in tasks.read_text().split()]
    return found


def processor_seconds(pid):
    ticks = 0
    for process in children(pid):
        fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(") ", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


class Server:
    def __init__(self, name, command, port, path, body, type_, read, env=None):
        self.name, self.port, self.path, self.body, self.type, self.read = name, port, path, body, type_, read
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)

    def wait(self):
        for _ in range(600):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
                connection.request("GET", "/health")
                assert connection.getresponse().status == 200
                return
            except OSError:
                assert self.process.poll() is None, (self.name, "ended")
                time.sleep(0.2)
        raise AssertionError((self.name, "does not answer"))

    def ask(self, connection):
        connection.request("POST", self.path, self.body, {"Content-Type": self.type})
        answer = connection.getresponse()
        data = answer.read()
        assert answer.status == 200, (self.name, answer.status, data[:300])
        return data

    def round(self, connections, seconds):
        """Requests per second and per processor second."""
        counts, end = [0] * connections, time.monotonic() + seconds

        def client(i):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
            while time.monotonic() < end:
                self.ask(connection)
                counts[i] += 1
        before, start = processor_seconds(self.process.pid), time.monotonic()
        threads = [threading.Thread(target=client, args=(i,)) for i in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took, cost = time.monotonic() - start, processor_seconds(self.process.pid) - before
        return sum(counts) / took, sum(counts) / cost


def compare(args, kind, form, folder):
    model = folder / kind
    model.mkdir(exist_ok=True)
    network(model / "model.onnx", 32 if kind == "light" else 192)
    (model / "reward.yaml").write_text(f"kind: image-scalar\npreprocess: {{size: [{SIDE}, {SIDE}], resize: squash, filter: bicubic, mean: {MEAN}, std: {STD}}}\n")
    script = "".join(f"{key} = {value!r}\n" for key, value in dict(MODEL=str(model / "model.onnx"), SIDE=SIDE, MEAN=MEAN, STD=STD, THREADS=args.threads).items()) + PYTHON_SERVER
    (folder / f"app_{kind}.py").write_text(script)
    made = images()
    if form == "json":
        body = json.dumps({"prompt": ["x"] * 4, "image": [base64.b64encode(file).decode() for file in files(made, "PNG")]}).encode()
        path, type_, read, protocol = "/compute", "application/json", lambda data: json.loads(data)["rewards"], "json"
    else:
        body = pickle.dumps({"images": files(made, "JPEG"), "prompts": ["x"] * 4, "metadata": {}})
        path, type_, read, protocol = "/", "application/octet-stream", lambda data: pickle.loads(data)["scores"], "flow-grpo"
    ours = Server("imagerl", [*shlex.split(args.imagerl), "serve-rewards", "--protocol", protocol, "--port", "18091", "--threads", str(args.threads), "--concurrency", "16",
                              "--reward", f"onnx={model}"], 18091, path, body, type_, read)
    theirs = Server("python", [sys.executable, "-m", "gunicorn", "-w", "1", "--threads", "8", "-b", "127.0.0.1:18092", "--keep-alive", "60", f"app_{kind}:app"], 18092, path, body, type_, read,
                    dict(os.environ, PYTHONPATH=str(folder)))
    try:
        for server in (ours, theirs):
            server.wait()
        scores = [np.array(server.read(server.ask(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)))) for server in (ours, theirs)]
        difference = np.abs(scores[0] - scores[1]).max() / np.ptp(scores[1])
        assert difference < (2e-3 if form == "json" else 2e-2), ("scores differ", *scores)  # two decoders of JPEG
        for connections in args.connections:
            for server in (ours, theirs):
                server.round(connections, args.warm)
            rounds = []
            for i in range(args.pairs):
                order = (ours, theirs) if i % 2 == 0 else (theirs, ours)
                found = {server.name: server.round(connections, args.seconds) for server in order}
                rounds.append((found["imagerl"], found["python"]))
            line = []
            for what, index in (("processor", 1), ("clock", 0)):
                ratios = [a[index] / b[index] for a, b in rounds]
                line.append(f"{what} {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}); imagerl {statistics.median(a[index] for a, _ in rounds):.1f}, "
                            f"python {statistics.median(b[index] for _, b in rounds):.1f} requests")
            print(f"{kind}-{form}, {connections} connections: " + "; ".join(line), flush=True)
    finally:
        for server in (ours, theirs):
            server.process.terminate()
            server.process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("imagerl")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--warm", type=float, default=15)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--only")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for kind, form in (("light", "json"), ("light", "pickle"), ("heavy", "json")):
            if args.only in (None, f"{kind}-{form}"):
                compare(args, kind, form, pathlib.Path(folder))


if __name__ == "__main__":
    main()
