"""diffusers' own scripts that write a checkpoint in the layout of the model's own code, from a checkout: the single file of imagerl must be theirs."""

import subprocess
import sys

import torch
from safetensors.torch import load_file

SCRIPTS = {"sd": "convert_diffusers_to_original_stable_diffusion.py", "sdxl": "convert_diffusers_to_original_sdxl.py"}


def different(checkout, checkpoint, family, file):
    """How many tensors are in one of the two files alone, or are not the same to the bit in both."""
    script, own = checkout / "scripts" / SCRIPTS[family.name], file.with_name("by-script.safetensors")
    done = subprocess.run([sys.executable, script, "--model_path", checkpoint, "--checkpoint_path", own, "--use_safetensors"], capture_output=True,
                          text=True, check=False)
    if done.returncode:
        sys.exit(f"{script}: exit code {done.returncode}\n{done.stderr}")
    theirs, ours = load_file(own), load_file(file)
    unequal = [key for key in sorted(set(theirs) | set(ours))
               if key not in theirs or key not in ours or theirs[key].dtype != ours[key].dtype or not torch.equal(theirs[key], ours[key])]
    if unequal:
        print(f"{family.name}: {unequal[0]} among {len(unequal)} tensors that differ from those of {script.name}")
    return len(unequal)
