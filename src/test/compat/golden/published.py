"""The published code of DDPO and Flow-GRPO, run on the inputs of a golden folder's `rl`.

    git clone https://github.com/kvablack/ddpo-pytorch FOLDER/ddpo-pytorch    # 1958463
    git clone https://github.com/yifan123/flow_grpo FOLDER/flow_grpo          # ac4c86e

`make.py --check GOLDEN rl --published FOLDER` compares what it gives with the folder's numbers.
"""

import importlib.util

import diffusers.utils
import numpy as np
from diffusers import DDIMScheduler, FlowMatchEulerDiscreteScheduler
from diffusers.utils.torch_utils import randn_tensor

diffusers.utils.randn_tensor = randn_tensor  # where the diffusers of ddpo-pytorch had it


def module(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


class Published:
    """Answers in the form of rl.py's functions of the same names."""

    def __init__(self, folder):
        ddpo, flow = folder / "ddpo-pytorch/ddpo_pytorch", folder / "flow_grpo/flow_grpo"
        self.ddim_step = module(ddpo / "diffusers_patch/ddim_with_logprob.py").ddim_step_with_logprob
        self.flow_step = module(flow / "diffusers_patch/sd3_sde_with_logprob.py").sde_step_with_logprob
        self.ddpo_tracker = module(ddpo / "stat_tracking.py").PerPromptStatTracker
        self.flow_tracker = module(flow / "stat_tracking.py").PerPromptStatTracker

    def transition(self, case, sample, output, prev_sample):
        output = output.clone().requires_grad_()
        flow = "noise_level" in case
        scheduler = (FlowMatchEulerDiscreteScheduler if flow else DDIMScheduler).from_config(case["scheduler"])
        scheduler.set_timesteps(case["num_inference_steps"])
        timesteps = scheduler.timesteps[case["step_index"]].repeat(len(sample))
        if flow:
            _, density, mean, std = self.flow_step(
                scheduler, output, timesteps, sample, noise_level=case["noise_level"], prev_sample=prev_sample)
        else:
            _, density = self.ddim_step(scheduler, output, timesteps, sample, eta=case["eta"], prev_sample=prev_sample)
        density.sum().backward()
        made = {"prev_sample": prev_sample, "log_prob": density.detach(), "grad_model_output": output.grad}
        if flow:
            made |= {"prev_sample_mean": mean.detach(), "std_dev_t": std.flatten()}
        return made

    def advantages(self, case):
        if case["estimator"] == "flow_grpo":
            return [self.flow_tracker(case["global_std"]).update(case["prompts"], case["rewards"]).tolist()]
        tracker = self.ddpo_tracker(case["buffer_size"], case["min_count"])
        return [tracker.update(epoch["prompts"], np.array(epoch["rewards"])).tolist() for epoch in case["epochs"]]
