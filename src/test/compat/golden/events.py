"""events/cases.json and event files: what a tracker is given, and the bytes that TensorBoard's own classes make of it."""

import io

import numpy as np
from common import Draws, read_json, write_json
from PIL import Image

CASES = ["begun", "continued", "finished"]


def words(draws, count):
    return ["".join("abcdefghijklmnopqrstuvwxyz_"[i] for i in draws.random.integers(0, 27, 9)) for _ in range(count)]


def settings(draws):
    """A configuration as a file, and the same by path."""
    section, learning_rate, flag, name, absent, items = words(draws, 6)
    rate, number = float(draws.normal()), int(draws.random.integers(0, 9))
    yaml = (f"0{section}:\n  {learning_rate}: {rate!r}\n  {flag}: true\n  {absent}: null\n1{name}: \"é ` {name}\"\n"
            f"2{items}:\n- 3{name}: {number}\n- 3{name}: off\n")
    return yaml, {f"0{section}.{learning_rate}": rate, f"0{section}.{flag}": True, f"1{name}": f"é ` {name}",
                  f"2{items}[0].3{name}": number, f"2{items}[1].3{name}": "off"}


def case(seed, name):
    draws = Draws(seed, "events " + name)
    yaml, values = settings(draws)
    epoch = int(draws.random.integers(1, 300)) if name == "continued" else -1
    epochs = [{"step": epoch + 1 + i, "metrics": dict(zip(words(draws, 3), [0.0, *map(float, draws.normal(2) * 1e3)]))}
              for i in range(int(draws.random.integers(1, 4)))]
    return {"name": name, "milliseconds": int(draws.random.integers(1, 1 << 41)), "epoch": epoch, "config": yaml,
            "settings": values, "epochs": epochs, "finished": name == "finished"}


def png(seed, name):
    draws = Draws(seed, "events image " + name)
    height, width = draws.random.integers(1, 60, 2)
    file = io.BytesIO()
    Image.fromarray(draws.random.integers(0, 2, (height, width, 3), dtype=np.uint8) * 255).save(file, "png")
    return file.getvalue()


def events(case, image):
    """The messages of a file, one after the other, without their wall time."""
    from tensorboard.compat.proto.event_pb2 import Event, SessionLog
    from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
    from tensorboard.compat.proto.tensor_pb2 import TensorProto
    from tensorboard.plugins.hparams import metadata, plugin_data_pb2
    from tensorboard.util.tensor_util import make_tensor_proto

    def hparams(tag, step, **data):
        content = plugin_data_pb2.HParamsPluginData(**data).SerializeToString(deterministic=True)
        plugin = SummaryMetadata.PluginData(plugin_name="hparams", content=content)
        return Event(step=step, summary=Summary(value=[Summary.Value(
            tag=tag, metadata=SummaryMetadata(plugin_data=plugin), tensor=metadata.NULL_TENSOR)]))

    first, seconds = case["epoch"] + 1, case["milliseconds"] / 1000
    yield Event(file_version="brain.Event:2")
    yield Event(step=first, session_log=SessionLog(status=SessionLog.START))
    text: TensorProto = make_tensor_proto(["\n".join("    " + line for line in case["config"].splitlines())])
    plugin = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="text"))
    yield Event(step=first, summary=Summary(value=[Summary.Value(tag="configuration", metadata=plugin, tensor=text)]))
    start = plugin_data_pb2.SessionStartInfo(start_time_secs=seconds)
    for key, value in case["settings"].items():
        kind = {bool: "bool_value", str: "string_value"}.get(type(value), "number_value")
        setattr(start.hparams[key], kind, value)
    yield hparams(metadata.SESSION_START_INFO_TAG, first, session_start_info=start)
    for epoch in case["epochs"]:
        values = [Summary.Value(tag=tag, simple_value=value) for tag, value in sorted(epoch["metrics"].items())]
        yield Event(step=epoch["step"], summary=Summary(value=values))
    width, height = (int.from_bytes(image[at:at + 4], "big") for at in (16, 20))
    shown = Summary.Image(height=height, width=width, colorspace=3, encoded_image_string=image)
    yield Event(step=case["epochs"][-1]["step"], summary=Summary(value=[Summary.Value(tag="samples", image=shown)]))
    if case["finished"]:
        end = plugin_data_pb2.SessionEndInfo(status=1, end_time_secs=seconds)
        yield hparams(metadata.SESSION_END_INFO_TAG, 0, session_end_info=end)


def written(case, image):
    from tensorboard.summary.writer.record_writer import RecordWriter

    file = io.BytesIO()
    records = RecordWriter(file)
    for event in events(case, image):
        event.wall_time = case["milliseconds"] / 1000
        records.write(event.SerializeToString(deterministic=True))
    return file.getvalue()


def make(out, seed, arguments):
    folder = out / "events"
    folder.mkdir(parents=True, exist_ok=True)
    cases = [case(seed, name) for name in CASES]
    write_json(folder / "cases.json", cases)
    for one in cases:
        image = png(seed, one["name"])
        (folder / f"{one['name']}.png").write_bytes(image)
        (folder / f"{one['name']}.events").write_bytes(written(one, image))


def check(golden, report, arguments):
    folder = golden / "events"
    for one in read_json(folder / "cases.json"):
        expected = (folder / f"{one['name']}.events").read_bytes()
        same = written(one, (folder / f"{one['name']}.png").read_bytes()) == expected
        report.equal(f"events {one['name']}", same, True)
