package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.diffusion.ddpo.PerPromptAdvantage;
import org.imagerl.host.config.ConfigLoader;
import org.imagerl.host.config.EffectiveConfig;
import org.imagerl.host.config.RunConfig;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.recipe.Clip;
import org.imagerl.toolkit.recipe.KlMean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The published algorithms by name, and overriding one of their parts. */
class PresetTest {
    @TempDir
    Path scratch;

    private RunConfig.Algorithm algorithm(String... overrides) {
        return load(overrides).config().algorithm();
    }

    private EffectiveConfig load(String... overrides) {
        return new TinyRun(scratch, overrides).config();
    }

    private static List<String> types(RunConfig.Algorithm algorithm) {
        return List.of(
                algorithm.likelihood().type(),
                algorithm.ratio().type(),
                algorithm.trustRegion().type(),
                algorithm.stepWeight().type(),
                algorithm.advantage().type(),
                algorithm.selection().type());
    }

    @Test
    void ddpoIsAsPublished() {
        RunConfig.Algorithm ddpo = algorithm("algorithm=ddpo");
        assertThat(types(ddpo)).containsExactly("transition", "importance", "clip", "uniform", "per-prompt", "all");
        assertThat(ddpo.trustRegion().config()).isEqualTo(new Clip.Config(1e-4, null));
        assertThat(ddpo.advantage().config()).isEqualTo(new PerPromptAdvantage.Config(16, 16));
        assertThat(ddpo.penalty()).isNull();
        assertThat(ddpo.maxAdvantage()).isEqualTo(5);
    }

    @Test
    void ddpoSfIsReinforce() {
        RunConfig.Algorithm reinforce = algorithm("algorithm=ddpo-sf");
        assertThat(types(reinforce))
                .containsExactly("transition", "score-function", "none", "uniform", "per-prompt", "all");
        assertThat(reinforce.penalty()).isNull();
    }

    @Test
    void onePartIsOverriddenAndTheOthersStay() {
        RunConfig.Algorithm ddpo =
                algorithm("algorithm.advantage.buffer=32", "algorithm.penalty={type: kl-mean, coefficient: 0.2}");
        assertThat(ddpo.advantage().config()).isEqualTo(new PerPromptAdvantage.Config(32, 16));
        assertThat(ddpo.penalty().config()).isEqualTo(new KlMean.Config(0.2, KlMean.Variance.STEP));
        assertThat(ddpo.trustRegion().config()).isEqualTo(new Clip.Config(1e-4, null));
    }

    @Test
    void aBandTakesThePlaceOfThePresetsRange() throws IOException {
        EffectiveConfig band = load("algorithm.trust_region={type: clip, density_band: 2.0}");
        assertThat(band.config().algorithm().trustRegion().config()).isEqualTo(new Clip.Config(null, 2.0));
        // What is written into the run folder means the same when the run is resumed.
        Path written = scratch.resolve("written.yaml");
        Files.writeString(written, band.yaml());
        assertThat(new ConfigLoader(TinyRun.REGISTRY).load(written, List.of()).config())
                .isEqualTo(band.config());
    }

    @Test
    void anOptionOverrulesTheFileAndTheFileThePreset() throws IOException {
        TinyRun run = new TinyRun(scratch);
        String file = Files.readString(run.file())
                .replace("algorithm: ddpo", "algorithm: {preset: ddpo, trust_region: {type: clip, density_band: 2.0}}");
        assertThat(clip(file)).isEqualTo(new Clip.Config(null, 2.0));
        assertThat(clip(file, "algorithm.trust_region.range=0.003")).isEqualTo(new Clip.Config(0.003, null));
        assertThat(clip(file, "algorithm.trust_region.density_band=3")).isEqualTo(new Clip.Config(null, 3.0));
    }

    private static Record clip(String text, String... overrides) {
        EffectiveConfig config =
                new ConfigLoader(TinyRun.REGISTRY).parse(text, Path.of("/configs/tiny.yaml"), List.of(overrides));
        return config.config().algorithm().trustRegion().config();
    }

    @Test
    void bothInOnePlaceAreRefused() {
        assertThatThrownBy(() -> load("algorithm.trust_region={type: clip, density_band: 2.0, range: 0.1}"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("algorithm.trust_region")
                .hasMessageContaining("either range (per element) or density_band");
    }

    /** The published settings run, and each leaves its mark on the metrics. */
    @Test
    void bothPresetsTrain() {
        for (String preset : List.of("ddpo", "ddpo-sf")) {
            List<String> overrides = new ArrayList<>(List.of("epochs=1", "evaluation=", "algorithm=" + preset));
            overrides.addAll(List.of("samples.prompts=1", "samples.seeds=[0]", "optimiser.updates_per_epoch=2"));
            TinyRun run = new TinyRun(scratch.resolve(preset), overrides.toArray(String[]::new));
            assertThat(run.start().finished()).isTrue();
            double deviation = TrainingTest.rows(run).get(1).values().get("ratio_deviation_max");
            if (preset.equals("ddpo")) {
                assertThat(deviation).isPositive();
            } else {
                assertThat(deviation).isZero();
            }
        }
    }
}
