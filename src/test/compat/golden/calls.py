"""calls: what diffusers' pipelines make of prompts, images and masks with the checkpoints of pipelines, and with two of 9 channels."""

import shutil
from pathlib import Path

import diffusers
import images
import models
import numpy as np
import pipelines
import torch
from common import PIPELINE_RTOL, Draws, read_json, read_tensors, write_json, write_tensors
from PIL import Image

OPTIONS = {
    "euler": ("EulerDiscreteScheduler", {}), "dpmpp-2m": ("DPMSolverMultistepScheduler", {}),
    "dpmpp-2m-karras": ("DPMSolverMultistepScheduler", {"use_karras_sigmas": True}),
    "unipc": ("UniPCMultistepScheduler", {}), "flow-heun": ("FlowMatchHeunDiscreteScheduler", {}),
}
PAINTED, PAINTED_XL = "calls/sd-inpaint-tiny", "calls/sdxl-inpaint-tiny"


def painting(parts):
    """A UNet that is given a mask and the masked image beside the latents."""
    tokenizer = parts.tokenizer()
    encoder = parts.clip("text_encoder", tokenizer)
    unet = parts.network("unet", models.unet, channels=(8, 16), cross_attention_dim=encoder.config.hidden_size, in_channels=9)
    return diffusers.StableDiffusionInpaintPipeline(
        vae=parts.network("vae", models.autoencoder, 4, (8, 16), scaling_factor=0.18215), text_encoder=encoder, tokenizer=tokenizer,
        unet=unet, scheduler=diffusers.DDIMScheduler(**pipelines.DDIM), safety_checker=None, feature_extractor=None,
        requires_safety_checker=False)


def painting_xl(parts):
    """The same of Stable Diffusion XL."""
    whole = pipelines.stable_diffusion_xl(parts, parts.draws("sizes"), in_channels=9).components
    return diffusers.StableDiffusionXLInpaintPipeline(**whole)


def calls(draws):
    """By name: checkpoint, pipeline, scheduler (empty: the checkpoint's own), whether there is a mask, strength (None: no image)."""
    strength = draws.one_of(0.5, 0.6, 0.75)
    sd, sd2, sdxl, sd3, flux = (f"pipelines/{name}-tiny" for name in ("sd", "sd2", "sdxl", "sd3", "flux"))
    return {
        "text-unipc": (sd, "StableDiffusionPipeline", "unipc", False, None),
        "text-euler": (sd2, "StableDiffusionPipeline", "euler", False, None),
        "text-dpmpp": (sdxl, "StableDiffusionXLPipeline", "dpmpp-2m", False, None),
        "sd": (sd, "StableDiffusionImg2ImgPipeline", "", False, strength),
        "sd-karras": (sd, "StableDiffusionImg2ImgPipeline", "dpmpp-2m-karras", False, 0.7),
        "sd-inpaint": (sd, "StableDiffusionInpaintPipeline", draws.one_of("", "unipc"), True, strength),
        "sd-inpaint-euler": (sd, "StableDiffusionInpaintPipeline", "euler", True, 1.0),
        "sd-painting": (PAINTED, "StableDiffusionInpaintPipeline", "", True, 1.0),
        "sd-painting-part": (PAINTED, "StableDiffusionInpaintPipeline", "euler", True, strength),
        "sdxl": (sdxl, "StableDiffusionXLImg2ImgPipeline", "", False, strength),
        "sdxl-inpaint": (sdxl, "StableDiffusionXLInpaintPipeline", "euler", True, strength),
        "sd3-inpaint": (sd3, "StableDiffusion3InpaintPipeline", "", True, strength),
        "sd3": (sd3, "StableDiffusion3Img2ImgPipeline", "", False, strength),
        "sd3-heun": (sd3, "StableDiffusion3Img2ImgPipeline", "flow-heun", False, strength),
        "flux": (flux, "FluxImg2ImgPipeline", "", False, strength),
        "flux-inpaint": (flux, "FluxInpaintPipeline", "", True, strength),
        "sdxl-painting": (PAINTED_XL, "StableDiffusionXLInpaintPipeline", "", True, 1.0),
    }


def made_by(pipe, arguments):
    if not isinstance(pipe, diffusers.StableDiffusion3InpaintPipeline):
        return pipe(output_type="np", **arguments).images
    # The pipeline of diffusers 0.36 leaves the VAE's shift out when it decodes, unlike those for text and images.
    latents = pipe(output_type="latent", **arguments).images
    decoded = pipe.vae.decode(latents / pipe.vae.config.scaling_factor + pipe.vae.config.shift_factor, return_dict=False)[0]
    return pipe.image_processor.postprocess(decoded, output_type="np")


def called(golden, folder, case):
    """The pipeline of a case, and the arguments of its call."""
    loaded = pipelines.load(golden / case["checkpoint"])
    pipe = getattr(diffusers, case["pipeline"])(**loaded.components, **(
        {} if "XL" in case["pipeline"] or "StableDiffusion" not in case["pipeline"] or "3" in case["pipeline"]
        else {"requires_safety_checker": False}))
    pipe.set_progress_bar_config(disable=True)
    if case["scheduler"]:
        name, more = OPTIONS[case["scheduler"]]
        pipe.scheduler = getattr(diffusers, name).from_config(pipe.scheduler.config, **more)
    arguments = {key: case[key] for key in ("prompt", "num_inference_steps", "guidance_scale")}
    if case["strength"]:
        arguments |= {"image": Image.open(folder / "image.png"), "strength": case["strength"]}
    if "max_sequence_length" in case:
        arguments["max_sequence_length"] = case["max_sequence_length"]
    if case["mask"]:
        arguments["mask_image"] = Image.open(folder / "mask.png")
    if case["pipeline"] not in ("StableDiffusionImg2ImgPipeline", "StableDiffusionXLImg2ImgPipeline"):
        arguments |= {"height": case["height"], "width": case["width"]}
    return pipe, arguments


@torch.no_grad()
def record(golden, folder, case):
    """The images of all seeds, one at a time, so that no image depends on another."""
    pipe, arguments = called(golden, folder, case)
    made = [made_by(pipe, arguments | {"generator": torch.Generator().manual_seed(seed)}) for seed in case["seeds"]]
    image = torch.from_numpy(np.ascontiguousarray(np.concatenate(made).transpose(0, 3, 1, 2)))
    return {"image_uint8": (image * 255).round().to(torch.uint8)}


@torch.no_grad()
def rollout(golden, folder, case):
    """What the pipeline does in its first step with eta 1: what the UNet is given, what guidance makes of it, and the step's distribution."""
    pipe, arguments = called(golden, folder, case)
    given, steps, step = [], [], pipe.scheduler.step
    pipe.unet.register_forward_pre_hook(lambda _, words: given.append(words[0]))

    def watched(output, time, sample, **words):
        at = [step(output, time, sample, eta=1.0, variance_noise=noise).prev_sample for noise in (torch.zeros_like(sample), torch.ones_like(sample))]
        steps.append({"state": sample, "output": output, "mean": at[0], "std": (at[1] - at[0]).double().mean().float().reshape(1)})
        return step(output, time, sample, **words)

    pipe.scheduler.step = watched
    firsts = []
    for seed in case["seeds"]:
        given.clear(), steps.clear()
        pipe(output_type="latent", eta=1.0, generator=torch.Generator().manual_seed(seed), **arguments)
        firsts.append(steps[0] | {"masked_image": given[0][-1:, 4:]})
    return {name: torch.cat([first[name] for first in firsts]) for name in firsts[0]}


def rolled_out(case):
    """Whether the first step of a case is kept: of those that begin with noise, by the checkpoint's own scheduler."""
    return case["checkpoint"] in (PAINTED, PAINTED_XL) and case["strength"] == 1 and not case["scheduler"]


def make(out, seed, _):
    shutil.rmtree(out / "calls", ignore_errors=True)
    for folder, maker in ((PAINTED, painting), (PAINTED_XL, painting_xl)):
        parts = pipelines.Parts(seed, Path(folder).name, out / folder)
        maker(parts).save_pretrained(out / folder)
        shutil.rmtree(parts.scratch)
    for name, (checkpoint, pipeline, scheduler, mask, strength) in calls(Draws(seed, "calls")).items():
        folder, draws = out / "calls" / name, Draws(seed, f"calls/{name}")
        folder.mkdir(parents=True)
        # A width and a height of which every checkpoint here makes images, and an image that is a little larger.
        width, height = draws.one_of((32, 48), (48, 32), (32, 32))
        if strength:
            images.drawn(width + draws.one_of(0, 1), height + draws.one_of(0, 1), draws).save(folder / "image.png")
        if mask:
            area = np.zeros((height, width), dtype=np.uint8)
            top, left = draws.random.integers(2, 14, 2)
            area[top : top + 13, left : left + 15] = 255
            Image.fromarray(area).resize((width + 5, height + 3)).save(folder / "mask.png")
        case = {"checkpoint": checkpoint, "pipeline": pipeline, "scheduler": scheduler, "mask": mask, "strength": strength,
                "num_inference_steps": draws.one_of(4, 5, 7), "guidance_scale": draws.one_of(3.5, 5.0), "width": width, "height": height,
                "seeds": [int(one) for one in draws.random.integers(0, 1000, 2)], "prompt": draws.one_of(*pipelines.PROMPTS)}
        if "flux" in checkpoint:
            case["max_sequence_length"] = draws.one_of(16, 12)
        write_json(folder / "case.json", case)
        write_tensors(folder / "expected.safetensors", record(out, folder, case))
        if rolled_out(case):
            write_tensors(folder / "rollout.safetensors", rollout(out, folder, case))


def check(golden, report, _):
    for file in sorted(golden.glob("calls/*/case.json")):
        made = record(golden, file.parent, read_json(file))["image_uint8"].int()
        wanted = read_tensors(file.parent / "expected.safetensors")["image_uint8"].int()
        report.error(f"calls/{file.parent.name} image, bytes", (made - wanted).abs().max().item(), 1)
        if rolled_out(read_json(file)):
            steps = rollout(golden, file.parent, read_json(file))
            report.tensors(f"calls/{file.parent.name} first step", steps, read_tensors(file.parent / "rollout.safetensors"), PIPELINE_RTOL)
