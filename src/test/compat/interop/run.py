#!/usr/bin/env python3
"""Which tools load the files that imagerl writes: tried with the tools themselves.

    python src/test/compat/interop/run.py --out DIR [--imagerl ./imagerl] [--comfyui PATH] [--kohya PATH] [--scripts PATH] [--write] [FAMILY...]

Makes a tiny checkpoint of every family and a LoRA for it, lets imagerl write the LoRA in every layout and merge it, and loads the results
with diffusers, peft and transformers (requirements.txt), with ComfyUI's loading code and with that of kohya's sd-scripts, if their checkouts
are named. Nothing of these two is copied or changed; they need the packages einops, psutil, torchsde and accelerate beside the others.

A tool passes if it would change every weight by alpha / rank times the product of the two matrices of the file, within 1e-4 of the largest
change. Alpha is twice the rank, so that a tool which ignores it is found. DIR/compatibility.csv has the results; with --write the table goes
to the sources: docs/compatibility.md and the resource that `imagerl inspect` reads. A tool that was not run keeps what the table says of it.

Checkpoints in bfloat16 are merged and written too, and one step of every family is compared with diffusers in float32 and in bfloat16 (halves.py;
--halves does that alone). With --scripts, a checkout of diffusers, the single files of SD 1.x and SDXL are compared with those that its scripts
write. Exit 1 if a result is not what the table says, or one of these comparisons is off.
"""
import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[3]
sys.path[:0] = [str(HERE), str(HERE.parent / "golden")]
LAYOUTS = {"diffusers": "lora.safetensors", "kohya": "lora.safetensors", "peft": "peft"}


def export(imagerl, *words):
    done = subprocess.run([imagerl, "export", *map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"imagerl export {' '.join(map(str, words))}: exit code {done.returncode}\n{done.stderr}")


def tried(tool, *arguments):
    import verdict

    try:
        return tool(*arguments)
    except Exception as e:  # noqa: BLE001 - whatever a loader throws is its refusal
        return verdict.failed(e)


def wide_flux(imagerl, folder):
    import diffusers_tool
    from families import make_wide_flux_lora

    source, out, columns = folder / "wide-source.safetensors", folder / "wide.safetensors", 8
    changes = make_wide_flux_lora(source, columns)
    export(imagerl, source, "--format", "kohya", "--out", out)
    return tried(diffusers_tool.wide_flux, out, changes, columns)


def said(family, what, error, limit):
    """Prints a comparison that the table has no cell for; whether it is off."""
    off = not error <= limit
    print(f"{family.name:5} {what:60} {error:.3g} (limit {limit:.3g}){' OFF' if off else ''}", flush=True)
    return off


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("families", nargs="*", metavar="FAMILY")
    parser.add_argument("--imagerl", default=str(ROOT / "imagerl"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--comfyui", type=Path)
    parser.add_argument("--kohya", type=Path)
    parser.add_argument("--scripts", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--halves", action="store_true", help="only what concerns bfloat16")
    options = parser.parse_args()

    import table
    import torch

    torch.set_num_threads(1)
    tools, comfyui, off = {}, None, False
    if options.comfyui:  # before diffusers: it looks for devices when it is imported
        from comfyui_tool import ComfyUI

        comfyui = ComfyUI(options.comfyui.resolve())
        tools["comfyui"] = comfyui.lora
    import diffusers_tool
    import halves
    import scripts_tool
    from families import FAMILIES, make_lora

    tools |= {"diffusers": diffusers_tool.lora, "peft": diffusers_tool.peft}
    if options.kohya:
        from kohya_tool import Kohya

        tools["kohya"] = Kohya(options.kohya.resolve()).lora
    rows, imagerl = [], os.path.abspath(options.imagerl)
    for family in FAMILIES:
        if options.families and family.name not in options.families:
            continue
        folder = (options.out / family.name).resolve()
        shutil.rmtree(folder, ignore_errors=True)
        checkpoint = folder / "checkpoint"
        pipe = family.make(folder / "scratch")
        pipe.save_pretrained(checkpoint)
        changes = make_lora(pipe, family, folder / "source.safetensors")
        for what, error, limit in halves.check(imagerl, folder, family, folder / "source.safetensors", changes):
            off |= said(family, what, error, limit)
        if options.halves:
            continue
        for layout, name in LAYOUTS.items():
            out = folder / layout / name
            out.parent.mkdir()
            export(imagerl, folder / "source.safetensors", "--checkpoint", checkpoint, "--format", layout, "--out", out)
            for tool, loader in tools.items():
                wide = (family.name, layout, tool) == ("flux", "kohya", "diffusers")
                found = wide_flux(imagerl, folder) if wide else tried(loader, checkpoint, family, changes, layout, out)
                rows.append(table.Row(layout, family.name, tool, found.kind, found.note))
                print(f"{family.name:5} {layout:10} {tool:10} {found.kind:9} {found.note}", flush=True)
        source = (folder / "source.safetensors", "--checkpoint", checkpoint)
        export(imagerl, *source, "--merge", "--out", folder / "merged")
        export(imagerl, *source, "--single-file", folder / "single.safetensors")
        export(imagerl, *source, "--scale", 0, "--single-file", folder / "base.safetensors")
        if options.scripts and family.name in scripts_tool.SCRIPTS:
            off |= said(family, "tensors unlike those of the script", scripts_tool.different(options.scripts.resolve(), checkpoint, family,
                                                                                             folder / "base.safetensors"), 0)
        whole = {("merged", "diffusers"): tried(diffusers_tool.merged, checkpoint, family, changes, folder / "merged")}
        if family.name != "flux":  # of which diffusers' conversion knows the real width alone
            whole["single", "diffusers"] = tried(diffusers_tool.single, checkpoint, family, changes, folder / "single.safetensors")
        if comfyui:
            whole["single", "comfyui"] = tried(comfyui.single, family, changes, folder / "base.safetensors", folder / "single.safetensors")
        for (layout, tool), found in whole.items():
            rows.append(table.Row(layout, family.name, tool, found.kind, found.note))
            print(f"{family.name:5} {layout:10} {tool:10} {found.kind:9} {found.note}", flush=True)
    return table.finish(rows, options, tools) | off


if __name__ == "__main__":
    sys.exit(main())
