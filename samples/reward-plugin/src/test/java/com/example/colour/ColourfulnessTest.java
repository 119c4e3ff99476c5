package com.example.colour;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.testkit.RewardContract;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.Test;

/** What every reward must do, and what this one must give. */
class ColourfulnessTest extends RewardContract {
    @Override
    protected Reward create() {
        return make(new ColourPlugin().rewards().get(0));
    }

    private static <C extends Record> Reward make(Factory<? extends Reward, C> factory) {
        return factory.create(factory.defaults(), new Context(Path.of("."), "cpu", 1, warning -> {}));
    }

    @Override
    protected List<Example> examples() {
        Prompt prompt = Prompt.of("p", "anything");
        return List.of(
                new Example(TestImages.noise(20, 10, 3), prompt),
                new Example(TestImages.gradient(30, 30), prompt),
                new Example(TestImages.text(64, 32, "472"), prompt));
    }

    /** Half pure red, half pure green: R - G is 255 and -255, (R + G) / 2 - B is 127.5, so the score is 255 + 0.3 x 127.5. */
    @Test
    void redBesideGreenIsVeryColourful() {
        RgbImage image = new RgbImage(2, 1, new byte[] {(byte) 255, 0, 0, 0, (byte) 255, 0});
        assertThat(ColourPlugin.colourfulness(image)).isEqualTo(293.25);
    }
}
