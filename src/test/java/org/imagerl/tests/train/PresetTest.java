package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.ctrl.objective.PathObjective;
import org.imagerl.ctrl.path.Truncation;
import org.imagerl.diffusion.ddim.DdimDynamics;
import org.imagerl.diffusion.ddpo.PerPromptAdvantage;
import org.imagerl.flow.awm.MatchingLikelihood;
import org.imagerl.flow.awm.Times;
import org.imagerl.flow.awm.Weighting;
import org.imagerl.flow.dynamics.Cps;
import org.imagerl.flow.dynamics.FlowSde;
import org.imagerl.flow.dynamics.Window;
import org.imagerl.host.config.ConfigLoader;
import org.imagerl.host.config.EffectiveConfig;
import org.imagerl.host.config.RunConfig;
import org.imagerl.host.config.TrainedSteps;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.recipe.Clip;
import org.imagerl.toolkit.recipe.GroupAdvantage;
import org.imagerl.toolkit.recipe.KlMean;
import org.imagerl.toolkit.recipe.PredictionError;
import org.imagerl.toolkit.recipe.TransitionLikelihood;
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
    void flowGrpoIsAsPublished() {
        RunConfig config = load("algorithm=flow-grpo").config();
        assertThat(types(config.algorithm()))
                .containsExactly("transition", "importance", "clip", "uniform", "group", "all");
        assertThat(config.algorithm().penalty().config()).isEqualTo(new KlMean.Config(0.04, KlMean.Variance.RATE));
        assertThat(config.algorithm().advantage().config()).isEqualTo(new GroupAdvantage.Config(true));
        assertThat(config.rollout().dynamics().config()).isEqualTo(new FlowSde.Config(0.7, new Window.All(), false));
    }

    @Test
    void theWindowedOnesDifferByPartsAlone() {
        // A window of 4 needs more than the 3 steps of this run.
        RunConfig fast = load("algorithm=flow-grpo-fast", "rollout.steps=6").config();
        assertThat(fast.rollout().dynamics().config()).isEqualTo(new Cps.Config(0.8, new Window.Random(0, null, 3)));
        assertThat(fast.algorithm().likelihood().config())
                .isEqualTo(new TransitionLikelihood.Config(TransitionLikelihood.Density.SQUARED_DISTANCE));
        assertThat(fast.algorithm().trustRegion().config()).isEqualTo(new Clip.Config(1e-5, null));
        RunConfig dance = load("algorithm=dance-grpo").config();
        assertThat(dance.algorithm().trainedSteps()).isEqualTo(new TrainedSteps.Random(0.6));
        assertThat(dance.algorithm().advantage().config()).isEqualTo(new GroupAdvantage.Config(false, true, 1e-8));
        assertThat(dance.algorithm().penalty()).isNull();
        RunConfig mix = load("algorithm=mix-grpo", "rollout.steps=6").config();
        assertThat(mix.rollout().dynamics().config())
                .isEqualTo(new FlowSde.Config(0.7, new Window.Sliding(4, 1, 25), false));
        assertThat(types(mix.algorithm())).isEqualTo(types(dance.algorithm()));
    }

    @Test
    void grpoGuardIsAsPublished() {
        RunConfig.Algorithm guard = algorithm("algorithm=grpo-guard");
        assertThat(types(guard)).containsExactly("transition", "normalised", "clip", "inverse-step", "group", "all");
        assertThat(guard.trustRegion().config()).isEqualTo(new Clip.Config(2e-6, null));
        assertThat(guard.advantage().config()).isEqualTo(new GroupAdvantage.Config(false));
        assertThat(guard.penalty()).isNull();
    }

    @Test
    void awmIsAsPublished() {
        RunConfig config = load("algorithm=awm", "rollout.steps=14").config();
        RunConfig.Algorithm awm = config.algorithm();
        assertThat(types(awm)).containsExactly("matching", "importance", "clip", "uniform", "group", "all");
        assertThat(awm.likelihood().config())
                .isEqualTo(new MatchingLikelihood.Config(
                        Weighting.GHUBER, 0.25, 6, new Times.Discrete(1, 0.9), PredictionError.VELOCITY));
        assertThat(awm.penalty().type()).isEqualTo("kl-prediction");
        assertThat(awm.proximal().type()).isEqualTo("kl-ema");
        assertThat(awm.advantageScale() * awm.maxAdvantage()).isEqualTo(1);
        assertThat(config.rollout().dynamics().type()).isEqualTo("ode");
        assertThat(awm.trailing()).isEqualTo(new RunConfig.Trailing(0.3, 1e-3, 0));
    }

    @Test
    void ctrlPgIsTheRewardLessTheDivergenceInOneUnit() {
        RunConfig.Algorithm ctrl = algorithm("algorithm=ctrl-pg");
        assertThat(types(ctrl)).containsExactly("transition", "importance", "clip", "uniform", "centred", "all");
        assertThat(ctrl.trustRegion().config()).isEqualTo(new Clip.Config(1e-4, null));
        // Another coefficient, variance or scale of the advantages would be another gamma, and so would be a clamp.
        assertThat(ctrl.penalty().type()).isEqualTo("kl-mean");
        assertThat(ctrl.penalty().config()).isEqualTo(new KlMean.Config(1, KlMean.Variance.STEP));
        assertThat(ctrl.advantageScale()).isEqualTo(1);
        assertThat(ctrl.maxAdvantage()).isEqualTo(1e6);
        assertThat(ctrl.proximal()).isNull();
    }

    @Test
    void ctrlIsAnObjectiveOfItsOwn() throws IOException {
        Files.writeString(Files.createDirectories(scratch.resolve("classifier")).resolve("classifier.json"), """
                {"format": "imagerl-classifier-1", "controls": [{"name": "smooth", "classes": 2, "temperature": 1.0}],
                 "width": 32, "height": 32, "channels": 8}
                """);
        RunConfig.Algorithm ctrl = algorithm("algorithm={preset: ctrl, objective: {classifiers: [classifier]}}");
        assertThat(ctrl.objective().type()).isEqualTo("ctrl");
        assertThat(ctrl.objective().config())
                .isEqualTo(new PathObjective.Config(List.of("classifier"), Map.of(), 1, new Truncation.Fresh()));
        assertThat(ctrl.advantage().type()).isEqualTo("batch");
        assertThat(ctrl.selection().type()).isEqualTo("all");
        assertThat(ctrl.likelihood()).isNull();
        assertThat(ctrl.penalty()).isNull();
    }

    /** What a preset says of rollouts lies beneath the file, as its parts do. */
    @Test
    void thePresetsDynamicsGiveWayToTheFiles() {
        RunConfig own = load("algorithm=awm", "rollout.steps=14", "rollout.dynamics={type: ddim, eta: 0.5}")
                .config();
        assertThat(own.rollout().dynamics().config()).isEqualTo(new DdimDynamics.Config(0.5));
        RunConfig louder =
                load("algorithm=flow-grpo", "rollout.dynamics.noise_level=0.9").config();
        assertThat(louder.rollout().dynamics().config()).isEqualTo(new FlowSde.Config(0.9, new Window.All(), false));
        assertThat(louder.rollout().steps()).isEqualTo(3);
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
        for (String preset : List.of("ddpo")) {
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
