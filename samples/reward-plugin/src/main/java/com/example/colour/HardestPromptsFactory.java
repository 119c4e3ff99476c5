package com.example.colour;

import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.NoConfig;
import org.imagerl.spi.run.PromptSampler;

/** Gives the prompt sampler its name. */
final class HardestPromptsFactory implements Factory<PromptSampler, NoConfig> {
    @Override
    public String name() {
        return "hardest";
    }

    @Override
    public String description() {
        return "the prompts whose images have scored lowest so far";
    }

    @Override
    public NoConfig defaults() {
        return new NoConfig();
    }

    @Override
    public PromptSampler create(NoConfig config, Context context) {
        return new HardestPrompts();
    }
}
