package org.imagerl.training.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.spi.reward.Rewards;
import org.imagerl.testkit.TestPlugin;
import org.imagerl.toolkit.run.RunPlugin;
import org.junit.jupiter.api.Test;

class RunBuilderTest {
    private final Registry registry = Registry.of(new TestPlugin(), new RunPlugin())
            .with(Rewards.of("first-byte", image -> image.rgb()[0] & 0xff));

    private RunBuilder builder() {
        return new RunBuilder(registry, "mine")
                .checkpoint(Path.of("/models/it's"))
                .prompts(Path.of("/data/a: b.txt"))
                .heldOut(Path.of("/data/held.txt"))
                .runs(Path.of("/runs"))
                .algorithm("ddpo")
                .reward("first-byte")
                .epochs(3)
                .rollouts(6, 8)
                .sampling(12, 2.5)
                .updates(3, 4)
                .set("rollout.dynamics", Map.of("type", "ddim", "eta", 0.25))
                .set("samples.seeds", List.of(4L, 5L));
    }

    /** No text is read on the way, so that no apostrophe, colon or space is anything but itself. */
    @Test
    void equalsTheFileThatSaysTheSame() {
        String text = """
                checkpoint: /models/it's
                base_folder: %s
                prompts: "/data/a: b.txt"
                evaluation: {prompts: /data/held.txt}
                run: {folder: /runs}
                algorithm: ddpo
                rewards: [first-byte]
                epochs: 3
                rollout: {prompts_per_epoch: 6, samples_per_prompt: 8, steps: 12, guidance: 2.5, dynamics: {type: ddim, eta: 0.25}}
                optimiser: {updates_per_epoch: 3, micro_batch: 4}
                samples: {seeds: [4, 5]}
                """.formatted(Path.of("").toAbsolutePath());
        EffectiveConfig expected = new RunConfigLoader(registry).parse(text, Path.of("mine.yaml"), List.of());
        assertThat(builder().build().config()).isEqualTo(expected.config());
    }

    @Test
    void aPartIsAValue() {
        BoundPart<Reward> red = new BoundPart<>(
                registry.factory(Kind.REWARD, "brightness"),
                new TestPlugin.Brightness(1, "a 'b'", List.of(), Map.of()));
        RunConfig config = builder().reward(red).build().config();
        assertThat(config.rewards()).hasSize(2);
        assertThat(config.rewards().get(1).reward().config()).isEqualTo(red.config());
    }

    @Test
    void aMistakeIsNamed() {
        assertThatThrownBy(() -> builder().set("rollout.stepz", 4).build())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("rollout.stepz")
                .hasMessageContaining("did you mean steps?");
        assertThatThrownBy(() -> builder().epochs(0).build()).hasMessageContaining("epochs: must be at least 1 (0)");
    }

    @Test
    void aFunctionIsAReward() {
        Context context = new Context(Path.of(""), "cpu", 1, line -> {});
        try (Reward reward =
                BoundPart.of(registry.factory(Kind.REWARD, "first-byte")).create(context)) {
            RgbImage image = new RgbImage(1, 1, new byte[] {(byte) 200, 0, 0});
            assertThat(reward.score(List.of(image), List.of(Prompt.of("p", "")))
                            .get(0)
                            .value())
                    .isEqualTo(200);
        }
    }
}
