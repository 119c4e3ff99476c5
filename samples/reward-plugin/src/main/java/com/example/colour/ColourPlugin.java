package com.example.colour;

import java.util.List;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.Reward;
import org.imagerl.spi.lora.LoraLayout;
import org.imagerl.spi.run.PromptSampler;

/** The entry of the jar, named in META-INF/services/org.imagerl.spi.Plugin. */
public final class ColourPlugin implements Plugin {

    @Override
    public String name() {
        return "colour-example";
    }

    @Override
    public List<Factory<? extends Reward, ?>> rewards() {
        return List.of(new ColourfulnessFactory());
    }

    @Override
    public List<Factory<? extends PromptSampler, ?>> promptSamplers() {
        return List.of(new HardestPromptsFactory());
    }

    @Override
    public List<LoraLayout> loraLayouts() {
        return List.of(new FlatLayout());
    }
}
