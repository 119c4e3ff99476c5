"""Makes golden cases of checkpoint folders that imagerl wrote, by diffusers on the CPU in float32.

    python checkpoints.py OUT FOLDER...
    mvn -B test -Dtest='Golden*PipelinesTest' -Dsurefire.failIfNoSpecifiedTests=false -Dgolden.root=OUT

Each FOLDER (samples/words, samples/words-flow, a folder of `imagerl pretrain` or of `imagerl export --merge`) is loaded by
from_pretrained and run; what diffusers made becomes OUT/pipelines/NAME in the layout of src/test/resources/golden. The test
then makes the same images with imagerl: every step within 1e-3, every byte of the image within 1. A folder that diffusers
does not load ends this script with its reason.

The call is made by golden/pipelines.py, as those of the golden checkpoints are.
"""

import shutil
import sys
from pathlib import Path

import torch
from diffusers import DDIMScheduler, FluxPipeline, StableDiffusion3Pipeline, StableDiffusionXLPipeline

sys.path.insert(0, str(Path(__file__).parent / "golden"))
from common import Draws, read_json, write_json, write_tensors  # noqa: E402
from pipelines import first_latents, load, record  # noqa: E402

SEED = 21
PROMPTS = ["a photo of the cat", 'a sign that says "012"']


def call(pipe, index):
    steps = {"num_inference_steps": 4, "rtol": 1e-3}
    if isinstance(pipe, FluxPipeline):
        return steps | {"guidance_scale": 3.5, "height": 32, "width": 48, "max_sequence_length": 16,
                        "scheduler": "FlowMatchEuler"}
    # No negative prompt and an empty one are the same for imagerl, for diffusers' SDXL they are not.
    empty = {} if isinstance(pipe, StableDiffusionXLPipeline) else {"negative_prompt": ""}
    guided = steps | {"guidance_scale": 4.0} | empty
    if isinstance(pipe, StableDiffusion3Pipeline):
        tokens = index.get("max_sequence_length")
        more = {"max_sequence_length": tokens} if tokens else {}
        return guided | more | {"scheduler": "FlowMatchEuler", "height": 32, "width": 64}
    # Euler and most others never clamp x0; the absent key would be true for DDIM.
    clip = {} if "clip_sample" in pipe.scheduler.config else {"clip_sample": False}
    pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config, **clip)
    return guided | {"scheduler": "DDIM", "eta": 0.0, "height": 32, "width": 64}


def make(folder, out):
    pipe = load(folder)
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(folder, out)
    case = {"prompts": PROMPTS} | call(pipe, read_json(folder / "model_index.json"))
    write_json(out / "case.json", case)
    write_tensors(out / "expected.safetensors", record(pipe, case, first_latents(pipe, case, Draws(SEED, out.name))))
    print(folder, type(pipe).__name__, "->", out)


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name in sys.argv[2:]:
        make(Path(name), Path(sys.argv[1]) / "pipelines" / Path(name).resolve().name)
