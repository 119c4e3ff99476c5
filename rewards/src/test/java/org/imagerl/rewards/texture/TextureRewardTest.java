package org.imagerl.rewards.texture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.images.PngWriter;
import org.imagerl.spi.Context;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Reward;
import org.imagerl.spi.RgbImage;
import org.imagerl.spi.UserException;
import org.imagerl.testkit.RewardContract;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TextureRewardTest extends RewardContract {
    private static final Prompt PROMPT = Prompt.of("p", "anything");

    @TempDir
    private static Path folder;

    private static void paintReference() {
        for (int i = 0; i < 20; i++) {
            PngWriter.write(folder.resolve(i + ".png"), TestImages.text(64, 32, "" + (100 + 37 * i)), Map.of());
        }
    }

    @Override
    protected Reward create() {
        if (!Files.exists(
                folder.resolve("19.png"))) { // the contract asks for a reward before anything of this class runs
            paintReference();
        }
        return new TextureFactory().create(new TextureConfig(folder.toString()), context());
    }

    @Override
    protected List<Example> examples() {
        return List.of(
                new Example(TestImages.text(64, 32, "472"), PROMPT),
                new Example(TestImages.noise(48, 33, 1), PROMPT),
                new Example(TestImages.gradient(64, 64), PROMPT));
    }

    private static Context context() {
        return new Context(Path.of(""), "cpu", 2, warning -> {});
    }

    private double score(RgbImage image) {
        try (Reward reward = create()) {
            return reward.score(List.of(image), List.of(PROMPT)).get(0).value();
        }
    }

    @Test
    void imagesLikeTheReferenceScoreAboutMinusOneAndOthersFarLess() {
        double alike = score(TestImages.text(64, 32, "999"));
        assertThat(alike).isBetween(-3.0, 0.0);
        assertThat(score(TestImages.noise(64, 32, 1))).isLessThan(3 * alike - 3);
        assertThat(score(TestImages.gradient(64, 32))).isLessThan(alike);
    }

    @Test
    void whatIsNotDecodedHereDoesNotCount() throws IOException {
        double before = score(TestImages.text(64, 32, "999"));
        Files.writeString(folder.resolve("more.WebP"), "no decoder");
        Files.writeString(folder.resolve("more.gif"), "never counted");
        assertThat(score(TestImages.text(64, 32, "999"))).isEqualTo(before);
    }

    /** A checkerboard of plus and minus 8 has all its energy, 4 x 64, in the diagonal band of the finest level of luma. */
    @Test
    void bandsTakeApartScaleAndOrientation() {
        byte[] rgb = new byte[32 * 16 * 3];
        for (int i = 0; i < rgb.length; i++) {
            int x = i / 3 % 32;
            int y = i / 3 / 32;
            rgb[i] = (byte) ((x + y) % 2 == 0 ? 108 : 92);
        }
        double[] bands = TextureBands.of(new RgbImage(32, 16, rgb));
        double empty = Math.log(1.0 / 12);
        for (int i = 0; i < bands.length; i++) {
            double expected = i == 2 ? Math.log(1.0 / 12 + 256) : empty;
            assertThat(bands[i]).as("band %d", i).isCloseTo(expected, within(1e-9));
        }
    }

    @Test
    void whatItCannotScoreIsSaid() {
        try (Reward reward = create()) {
            assertThat(reward.score(List.of(TestImages.gradient(15, 40)), List.of(PROMPT))
                            .get(0)
                            .error())
                    .contains("15 x 40", "at least 16 pixels");
        }
        assertThatThrownBy(() -> new TextureFactory().create(new TextureConfig("/nowhere"), context()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("/nowhere");
        PngWriter.write(folder.resolve("few/1.png"), TestImages.gradient(32, 32), Map.of());
        assertThatThrownBy(() -> new TextureFactory()
                        .create(new TextureConfig(folder.resolve("few").toString()), context()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("1 images")
                .hasMessageContaining("16 to 10000");
    }
}
