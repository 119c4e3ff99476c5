"""What transformers' image processors make of an image, for plugins/hub/src/test/resources/golden/preprocessors.json.

    python src/test/compat/preprocessors.py > plugins/hub/src/test/resources/golden/preprocessors.json

Needs numpy, Pillow, torch, torchvision and transformers (made with 4.57.6). The image is 23 x 14 pixels; its red, green and blue at
column x and row y are (11 x + 3 y) mod 256, (5 x + 17 y) mod 256 and (x y) mod 256. "file" is the content of preprocessor_config.json.
"""
import importlib.util
import json
import sys

import numpy as np
import transformers

MEAN, STD = [0.1, 0.2, 0.3], [0.5, 0.25, 0.4]
CASES = [
    ("CLIPImageProcessor", dict(size={"shortest_edge": 8}, crop_size={"height": 8, "width": 8})),
    ("CLIPImageProcessor", dict(size={"shortest_edge": 5}, crop_size={"height": 8, "width": 8})),
    ("CLIPImageProcessorFast", dict(size={"shortest_edge": 5}, crop_size={"height": 8, "width": 8})),
    ("EfficientNetImageProcessor", dict(size={"height": 6, "width": 6}, resample=2, rescale_offset=True,
                                        rescale_factor=1 / 127.5, include_top=False, image_mean=MEAN, image_std=STD)),
    ("EfficientNetImageProcessor", dict(size={"height": 6, "width": 7}, resample=3, image_mean=MEAN, image_std=STD)),
    ("EfficientNetImageProcessor", dict(size={"height": 6, "width": 7}, resample=2, do_center_crop=True,
                                        crop_size={"height": 4, "width": 4}, do_normalize=False, include_top=False)),
    ("ConvNextImageProcessor", dict(size={"shortest_edge": 7})),
    ("ConvNextImageProcessor", dict(size={"shortest_edge": 7}, crop_pct=0.95)),
    ("PoolFormerImageProcessor", dict(size={"shortest_edge": 7}, crop_size={"height": 7, "width": 7})),
    ("LevitImageProcessor", dict(size={"shortest_edge": 7}, crop_size={"height": 7, "width": 7})),
    ("MobileViTImageProcessor", dict(size={"shortest_edge": 7}, crop_size={"height": 7, "width": 7})),
    ("MobileNetV2ImageProcessor", dict(size={"shortest_edge": 8}, crop_size={"height": 7, "width": 7})),
    ("BeitImageProcessor", dict(size={"height": 8, "width": 9}, crop_size={"height": 7, "width": 7})),
    ("DPTImageProcessor", dict(size={"height": 8, "width": 8})),
    ("SiglipImageProcessor", dict(size={"height": 8, "width": 8})),
    ("SiglipImageProcessorFast", dict(size={"height": 8, "width": 8})),
    ("ViTImageProcessor", dict(size={"height": 8, "width": 8}, do_rescale=False)),
    ("SegformerImageProcessor", dict(size={"height": 6, "width": 5})),
]


def image():
    x, y = np.meshgrid(np.arange(23), np.arange(14))
    return np.stack([(11 * x + 3 * y) % 256, (5 * x + 17 * y) % 256, (x * y) % 256], -1).astype(np.uint8)


def main():
    from PIL import Image
    cases = []
    fast = importlib.util.find_spec("torchvision") is not None
    for name, settings in CASES:
        if name.endswith("Fast") and not fast:
            continue
        processor = getattr(transformers, name)(**settings)
        pixels = processor(images=Image.fromarray(image()), return_tensors="np")["pixel_values"][0]
        written = json.loads(processor.to_json_string())
        # the key of the file may be absent where the default of the class says it
        cases.append({"file": written, "shape": list(pixels.shape),
                      "values": [round(float(v), 5) for v in pixels.reshape(-1)]})
        short = {"image_processor_type": name, **{k: v for k, v in settings.items()}}
        cases.append({"file": short, "shape": list(pixels.shape), "values": cases[-1]["values"]})
    sys.stdout.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


main()
