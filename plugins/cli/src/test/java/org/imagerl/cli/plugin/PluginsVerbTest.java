package org.imagerl.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import org.imagerl.cli.Run;
import org.junit.jupiter.api.Test;

class PluginsVerbTest {

    @Test
    void theBuiltInPluginsAreListedByKind() {
        Run run = Run.of("plugins");
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("org.imagerl.rewards.RewardsPlugin", "org.imagerl.diffusion.DiffusionPlugin");
        assertThat(run.out()).containsPattern("(?m)^algorithm$\\n(  .*\\n)*  ddpo +\\S");
        assertThat(run.out()).containsPattern("(?m)^reward$\\n(  .*\\n)*  ocr +\\S");
        assertThat(run.out()).containsPattern("(?m)^LoRA layout$\\n(  .*\\n)*  kohya +\\S");
        assertThat(run.out()).containsPattern("(?m)^pipeline$\\n(  .*\\n)*  stable-diffusion +\\S");
    }

    @Test
    void aRewardIsDescribedWithItsKeysAndDefaults() {
        Run run = Run.of("plugins", "describe", "ocr");
        assertThat(run.code()).isZero();
        assertThat(run.out()).startsWith("reward ocr: ").contains("(plugin rewards)");
        assertThat(run.out()).containsPattern("mode +one of detect, line +detect");
        assertThat(run.out()).containsPattern("reading_order +one of .*paddle");
    }

    @Test
    void anAlgorithmIsDescribedWithItsPaperAndParts() {
        Run run = Run.of("plugins", "describe", "ddpo");
        assertThat(run.out()).contains("2305.13301", "algorithm.trust_region:", "clip");
    }

    @Test
    void aNameOfSeveralKindsIsDescribedForEach() {
        Run run = Run.of("plugins", "describe", "stable-diffusion");
        assertThat(run.out()).contains("pipeline stable-diffusion: ", "pretraining stable-diffusion: ", "unet.steps");
    }

    @Test
    void aLoraLayoutIsDescribedWithItsTools() {
        assertThat(Run.of("plugins", "describe", "peft").out())
                .startsWith("LoRA layout peft: ")
                .contains("adapter_config.json", "(plugin lora)");
    }

    @Test
    void anUnknownNameIsAnsweredWithTheNearest() {
        Run run = Run.of("plugins", "describe", "dpo");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("dpo").contains("did you mean ddpo?");
    }
}
