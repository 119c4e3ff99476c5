package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.imagerl.ctrl.objective.PathObjective;
import org.imagerl.diffusion.ddim.DdimDynamics;
import org.imagerl.diffusion.ddpo.PerPromptAdvantage;
import org.imagerl.flow.awm.MatchingLikelihood;
import org.imagerl.flow.awm.Weighting;
import org.imagerl.flow.crd.CrdObjective;
import org.imagerl.flow.dgpo.DgpoObjective;
import org.imagerl.flow.dynamics.Cps;
import org.imagerl.flow.dynamics.FlowSde;
import org.imagerl.flow.dynamics.Window;
import org.imagerl.flow.matching.Times;
import org.imagerl.flow.nft.NftObjective;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.optim.AdamW;
import org.imagerl.toolkit.path.Truncation;
import org.imagerl.toolkit.recipe.GroupAdvantage;
import org.imagerl.toolkit.recipe.KlMean;
import org.imagerl.toolkit.recipe.PredictionError;
import org.imagerl.toolkit.recipe.RatioClip;
import org.imagerl.toolkit.recipe.TransitionLikelihood;
import org.imagerl.training.config.AlgorithmConfig;
import org.imagerl.training.config.EffectiveConfig;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunConfigLoader;
import org.imagerl.training.config.TrainedSteps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The published algorithms by name, and overriding one of their parts. */
class PresetTest {
    @TempDir
    Path scratch;

    private AlgorithmConfig algorithm(String... overrides) {
        return load(overrides).config().algorithm();
    }

    private EffectiveConfig load(String... overrides) {
        return new TinyRun(scratch, overrides).config();
    }

    private static List<String> types(AlgorithmConfig algorithm) {
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
        AlgorithmConfig ddpo = algorithm("algorithm=ddpo");
        assertThat(types(ddpo)).containsExactly("transition", "importance", "clip", "uniform", "per-prompt", "all");
        assertThat(ddpo.trustRegion().config()).isEqualTo(new RatioClip.Config(1e-4, null));
        assertThat(ddpo.advantage().config()).isEqualTo(new PerPromptAdvantage.Config(16, 16));
        assertThat(ddpo.penalty()).isNull();
        assertThat(ddpo.maxAdvantage()).isEqualTo(5);
    }

    @Test
    void ddpoSfIsReinforce() {
        AlgorithmConfig reinforce = algorithm("algorithm=ddpo-sf");
        assertThat(types(reinforce))
                .containsExactly("transition", "score-function", "none", "uniform", "per-prompt", "all");
        assertThat(reinforce.penalty()).isNull();
    }

    @Test
    void flowGrpoIsAsPublished() {
        RunConfig config = load("algorithm=flow-grpo").config();
        assertThat(types(config.algorithm()))
                .containsExactly("transition", "importance", "clip", "uniform", "group", "all");
        assertThat(config.algorithm().penalty().config())
                .isEqualTo(new KlMean.Config(0.04, null, KlMean.Variance.RATE));
        assertThat(config.algorithm().advantage().config()).isEqualTo(new GroupAdvantage.Config(true));
        assertThat(config.rollout().dynamics().config()).isEqualTo(new FlowSde.Config(0.7, new Window.All(), false));
    }

    @Test
    void theWindowedOnesDifferByPartsAlone() {
        // A window of 4 needs more than the 2 steps of this run.
        RunConfig fast = load("algorithm=flow-grpo-fast", "rollout.steps=6").config();
        assertThat(fast.rollout().dynamics().config()).isEqualTo(new Cps.Config(0.8, new Window.Random(0, null, 3)));
        assertThat(fast.algorithm().likelihood().config())
                .isEqualTo(new TransitionLikelihood.Config(TransitionLikelihood.Density.SQUARED_DISTANCE));
        assertThat(fast.algorithm().trustRegion().config()).isEqualTo(new RatioClip.Config(1e-5, null));
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
        AlgorithmConfig guard = algorithm("algorithm=grpo-guard");
        assertThat(types(guard)).containsExactly("transition", "normalised", "clip", "inverse-step", "group", "all");
        assertThat(guard.trustRegion().config()).isEqualTo(new RatioClip.Config(2e-6, null));
        assertThat(guard.advantage().config()).isEqualTo(new GroupAdvantage.Config(false));
        assertThat(guard.penalty()).isNull();
    }

    @Test
    void awmIsAsPublished() {
        RunConfig config = load("algorithm=awm", "rollout.steps=14").config();
        AlgorithmConfig awm = config.algorithm();
        assertThat(types(awm)).containsExactly("matching", "importance", "clip", "uniform", "group", "all");
        assertThat(awm.likelihood().config())
                .isEqualTo(new MatchingLikelihood.Config(
                        Weighting.GHUBER, 0.25, 6, new Times.Discrete(1, 0.9), PredictionError.VELOCITY));
        assertThat(awm.penalty().type()).isEqualTo("kl-prediction");
        assertThat(awm.proximal().type()).isEqualTo("kl-ema");
        assertThat(awm.advantageScale() * awm.maxAdvantage()).isEqualTo(1);
        assertThat(config.rollout().dynamics().type()).isEqualTo("ode");
        assertThat(awm.trailing()).isEqualTo(new AlgorithmConfig.Trailing(0.3, 1e-3, 0));
    }

    @Test
    void nftIsAsPublished() {
        RunConfig config = load("algorithm=nft", "rollout.steps=10").config();
        AlgorithmConfig nft = config.algorithm();
        assertThat(nft.objective().config())
                .isEqualTo(new NftObjective.Config(1, 5, 1e-4, 9, new Times.Discrete(0, 0.99)));
        assertThat(nft.advantage().config()).isEqualTo(new GroupAdvantage.Config(true));
        assertThat(config.rollout().dynamics().type()).isEqualTo("ode");
        assertThat(nft.sampledBy()).isEqualTo(AlgorithmConfig.SampledBy.EMA);
        assertThat(nft.trailing()).isEqualTo(new AlgorithmConfig.Trailing(0.5, 1e-3, 0));
        assertThatThrownBy(() -> load("algorithm=nft", "rollout.steps=1"))
                .hasMessageContaining("algorithm.objective")
                .hasMessageContaining("times");
    }

    @Test
    void dgpoAndCrdAreAsPublished() {
        AlgorithmConfig dgpo = algorithm("algorithm=dgpo");
        assertThat(dgpo.objective().config())
                .isEqualTo(new DgpoObjective.Config(10, 0.05, 1e-3, 4, new Times.Discrete(0, 0.7)));
        assertThat(dgpo.sampledBy()).isEqualTo(AlgorithmConfig.SampledBy.LIVE);
        assertThat(dgpo.trailing()).isEqualTo(new AlgorithmConfig.Trailing(0.3, 1e-3, 0));
        AlgorithmConfig crd = algorithm("algorithm=crd");
        assertThat(crd.objective().config())
                .isEqualTo(new CrdObjective.Config(
                        1, CrdObjective.Form.SQUARED, true, null, 5, 0.1, true, 9, new Times.Discrete(0, 0.99)));
        assertThat(crd.trailing()).isEqualTo(new AlgorithmConfig.Trailing(0.999, 0.0075, 75));
        assertThatThrownBy(() -> load("algorithm=p3o", "optimiser.micro_batch=1"))
                .hasMessageContaining("optimiser.micro_batch: must hold the");
        assertThatThrownBy(() -> load("algorithm=dgpo", "optimiser.micro_batch=1"))
                .hasMessageContaining("optimiser.micro_batch");
    }

    @Test
    void ctrlPgIsTheRewardLessTheDivergenceInOneUnit() {
        AlgorithmConfig ctrl = algorithm("algorithm=ctrl-pg");
        assertThat(types(ctrl)).containsExactly("transition", "importance", "clip", "uniform", "rloo", "all");
        assertThat(ctrl.trustRegion().config()).isEqualTo(new RatioClip.Config(1e-4, null));
        // Another coefficient, variance or scale of the advantages would be another gamma, and so would be a clamp.
        assertThat(ctrl.penalty().type()).isEqualTo("kl-mean");
        assertThat(ctrl.penalty().config()).isEqualTo(new KlMean.Config(1, null, KlMean.Variance.STEP));
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
        AlgorithmConfig ctrl = algorithm("algorithm={preset: ctrl, objective: {classifiers: [classifier]}}");
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
        assertThat(louder.rollout().steps()).isEqualTo(2);
    }

    @Test
    void onePartIsOverriddenAndTheOthersStay() {
        AlgorithmConfig ddpo =
                algorithm("algorithm.advantage.buffer=32", "algorithm.penalty={type: kl-mean, coefficient: 0.2}");
        assertThat(ddpo.advantage().config()).isEqualTo(new PerPromptAdvantage.Config(32, 16));
        assertThat(ddpo.penalty().config()).isEqualTo(new KlMean.Config(0.2, null, KlMean.Variance.STEP));
        assertThat(ddpo.trustRegion().config()).isEqualTo(new RatioClip.Config(1e-4, null));
    }

    @Test
    void aBandTakesThePlaceOfThePresetsRange() throws IOException {
        EffectiveConfig band = load("algorithm.trust_region={type: clip, density_band: 2.0}");
        assertThat(band.config().algorithm().trustRegion().config()).isEqualTo(new RatioClip.Config(null, 2.0));
        // What is written into the run folder means the same when the run is resumed.
        Path written = scratch.resolve("written.yaml");
        Files.writeString(written, band.yaml());
        assertThat(new RunConfigLoader(TinyRun.REGISTRY)
                        .load(written, List.of())
                        .config())
                .isEqualTo(band.config());
    }

    @Test
    void anOptionOverrulesTheFileAndTheFileThePreset() throws IOException {
        TinyRun run = new TinyRun(scratch);
        String file = Files.readString(run.file())
                .replace("algorithm: ddpo", "algorithm: {preset: ddpo, trust_region: {type: clip, density_band: 2.0}}");
        assertThat(clip(file)).isEqualTo(new RatioClip.Config(null, 2.0));
        assertThat(clip(file, "algorithm.trust_region.range=0.003")).isEqualTo(new RatioClip.Config(0.003, null));
        assertThat(clip(file, "algorithm.trust_region.density_band=3")).isEqualTo(new RatioClip.Config(null, 3.0));
    }

    private static Record clip(String text, String... overrides) {
        EffectiveConfig config =
                new RunConfigLoader(TinyRun.REGISTRY).parse(text, Path.of("/configs/tiny.yaml"), List.of(overrides));
        return config.config().algorithm().trustRegion().config();
    }

    @Test
    void bothInOnePlaceAreRefused() {
        assertThatThrownBy(() -> load("algorithm.trust_region={type: clip, density_band: 2.0, range: 0.1}"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("algorithm.trust_region")
                .hasMessageContaining("either range (per element) or density_band");
    }

    /** On the first update they are the same; a second one, which nothing would correct, is refused however it comes about. */
    @Test
    void theScoreFunctionIsTheFirstUpdateOfTheImportanceRatioAndHasNoSecond() {
        String[] few = {"epochs=2", "evaluation=", "samples={prompts: 1, seeds: [0]}", "algorithm=ddpo-sf"};
        TinyRun reinforce = new TinyRun(scratch.resolve("sf"), few);
        few[3] = "algorithm={preset: ddpo, trust_region: none}";
        TinyRun importance = new TinyRun(scratch.resolve("is"), few);
        assertThat(reinforce.start().finished()).isTrue();
        assertThat(importance.start().finished()).isTrue();
        reinforce.requireSameFile(importance, "pytorch_lora_weights.safetensors");
        assertThat(reinforce.rows().get(2L).get("grad_norm")).isPositive();
        for (String more : List.of("optimiser.updates_per_epoch=2", "optimiser.inner_epochs=2")) {
            assertThatThrownBy(() -> load("algorithm=ddpo-sf", more))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("optimiser.updates_per_epoch: times inner_epochs must be 1")
                    .hasMessageContaining("score-function compares with no policy that sampled")
                    .hasMessageContaining("importance");
        }
        assertThatThrownBy(() -> load("algorithm=n-pg-igt", "optimiser.updates_per_epoch=2"))
                .hasMessageContaining("the optimiser n-pg-igt needs gradients at the weights that sampled");
        assertThatThrownBy(() -> load(
                        "algorithm=ddpo",
                        "evaluation.reference=0.5",
                        "evaluation.reference_from=0.6",
                        "evaluation.reference_to=0.7"))
                .hasMessageContaining("evaluation.reference_from: to evaluation.reference_to covers none of the");
        assertThatThrownBy(() -> load("algorithm=ddpo", "algorithm.penalty_gradient=odice"))
                .hasMessageContaining(
                        "algorithm.penalty_gradient: odice joins the gradient of a penalty, and there is");
        assertThatThrownBy(() -> load("algorithm=ddpo-sf", "algorithm.sampled_by=ema"))
                .hasMessageContaining("algorithm.sampled_by: must be live");
        assertThatThrownBy(() -> load("algorithm=n-harpg", "algorithm.ratio=score-function"))
                .hasMessageContaining("n-harpg differentiates at the weights of the update before too, and the ratio");
    }

    private static final String BARE = """
        checkpoint: model
        prompts: train.txt
        evaluation: {prompts: held-out.txt}
        rewards: [jpeg-compressibility]
        algorithm: %s
        """;

    private static EffectiveConfig bare(String algorithm, String... overrides) {
        return new RunConfigLoader(TinyRun.REGISTRY)
                .parse(BARE.formatted(algorithm), Path.of("/configs/bare.yaml"), List.of(overrides));
    }

    /** The files that have these numbers are named in PublishedRuns, DdpoPresets and CtrlPresets. */
    @ParameterizedTest
    @CsvSource({
        "ddpo, 50, 5.0, 8, false, 4, 4.0, 3e-4, 4, 0.0, 1",
        "ddpo-sf, 50, 5.0, 8, false, 4, 4.0, 3e-4, 1, 0.0, 1",
        "flow-grpo, 10, 4.5, 24, false, 32, 64.0, 3e-4, 2, 0.9, 8",
        "flow-grpo-fast, 10, 1.0, 24, false, 32, 64.0, 3e-4, 2, 0.9, 8",
        "flow-grpo-fast-branching, 10, 4.5, 24, true, 32, 64.0, 3e-4, 2, 0.9, 8",
        "grpo-guard, 10, 4.5, 24, false, 32, 64.0, 1e-4, 2, 0.9, 8",
        "dance-grpo, 12, 1.0, 12, true, 128, 256.0, 3e-4, 1, 0.0, 1",
        "mix-grpo, 25, 1.0, 12, true, 4, 4.0, 3e-4, 4, 0.0, 1",
        "awm, 14, 1.0, 24, false, 32, 64.0, 3e-4, 1, 0.99, 1",
        "nft, 10, 1.0, 24, false, 32, 64.0, 3e-4, 1, 0.9, 1",
        "dgpo, 10, 1.0, 24, false, 64, 128.0, 3e-4, 1, 0.9, 8",
        "crd, 10, 1.0, 24, false, 32, 64.0, 3e-4, 2, 0.9, 1",
        "diffusion-dpo, 40, 1.0, 4, false, 32, 64.0, 1e-5, 1, 0.99, 4"
    })
    void thePublishedRunIsWhatANameAloneStandsFor(
            String algorithm,
            int steps,
            double guidance,
            int group,
            boolean shared,
            int rank,
            double alpha,
            double learningRate,
            int updates,
            double average,
            int averageEvery) {
        RunConfig config = bare(algorithm).config();
        assertThat(config.rollout().steps()).isEqualTo(steps);
        assertThat(config.rollout().guidance()).isEqualTo(guidance);
        assertThat(config.trainedGuidance()).isEqualTo(guidance);
        assertThat(config.rollout().samplesPerPrompt()).isEqualTo(group);
        assertThat(config.rollout().sharedNoise()).isEqualTo(shared);
        assertThat(config.tuning())
                .isEqualTo(new TuningSpec.Lora(List.of(), rank, alpha, List.of(), TuningSpec.Lora.Init.GAUSSIAN));
        assertThat(config.optimiser().learningRate()).isEqualTo(learningRate);
        assertThat(config.optimiser().updatesPerEpoch()).isEqualTo(updates);
        assertThat(config.optimiser().emaDecay()).isEqualTo(average);
        assertThat(config.optimiser().emaEvery()).isEqualTo(averageEvery);
    }

    @Test
    void thePublishedRunLiesBetweenTheDefaultsAndTheFile() {
        EffectiveConfig config = bare("awm", "rollout={steps: 20}", "optimiser.ema_decay=0.5");
        assertThat(config.show().lines())
                .contains(
                        "  steps: 20  # --set rollout={steps: 20}",
                        "  guidance: 1.0  # preset awm",
                        "  prompts_per_epoch: 16  # default",
                        "  ema_decay: 0.5  # --set optimiser.ema_decay=0.5",
                        "  updates_per_epoch: 1  # preset awm",
                        "  micro_batch: 4  # default",
                        "  rank: 32  # preset awm");
        assertThat(config.config().evaluation().steps()).isEqualTo(40);
        assertThat(config.config().evaluation().dynamics().type()).isEqualTo("ode");
        assertThat(bare("awm", "evaluation=null").config().evaluation()).isNull();
        assertThat(bare("dance-grpo").config().evaluation().steps()).isNull();
    }

    /** What is written into the run folder says all: the preset changes nothing there when the run is resumed. */
    @Test
    void theEffectiveConfigurationOfAPresetLoadsToAnEqualOne() {
        for (String algorithm : List.of("awm", "flow-grpo", "mix-grpo", "ddpo-sf")) {
            EffectiveConfig once =
                    bare(algorithm, "algorithm.guidance=null", "optimiser.ema_decay=0", "rollout.shared_noise=false");
            EffectiveConfig again =
                    new RunConfigLoader(TinyRun.REGISTRY).parse(once.yaml(), Path.of("/runs/x/config.yaml"), List.of());
            assertThat(again.config()).as(algorithm).isEqualTo(once.config());
        }
    }

    /** alpha / rank is the strength of adapters: one of the two from the file would make it another than either meant. */
    @Test
    void rankAndAlphaAreTakenTogetherOrNotAtAll() {
        TuningSpec.Lora rank =
                (TuningSpec.Lora) bare("awm", "tuning.rank=8").config().tuning();
        assertThat(rank.rank()).isEqualTo(8);
        assertThat(rank.alpha()).isEqualTo(4);
        TuningSpec.Lora alpha =
                (TuningSpec.Lora) bare("awm", "tuning.alpha=8").config().tuning();
        assertThat(alpha.rank()).isEqualTo(4);
        TuningSpec.Lora both =
                (TuningSpec.Lora) bare("awm", "tuning.targets=[to_q]").config().tuning();
        assertThat(both.rank()).isEqualTo(32);
        assertThat(bare("awm", "tuning={type: full, components: []}").config().tuning())
                .isInstanceOf(TuningSpec.Full.class);
    }

    @Test
    void ctrlIsAnUpdateAnEpochAsPublished() throws IOException {
        Files.writeString(scratch.resolve("classifier.json"), """
            {"format": "imagerl-classifier-1", "controls": [{"name": "smooth", "classes": 2, "temperature": 1.0}],
             "width": 32, "height": 32, "channels": 8}
            """);
        RunConfig config = bare("{preset: ctrl, objective: {classifiers: ['" + scratch + "']}}")
                .config();
        assertThat(config.optimiser().updatesPerEpoch()).isEqualTo(1);
        assertThat(((AdamW.Settings) config.optimiser().rule().config()).weightDecay())
                .isEqualTo(0.1);
        assertThat(config.rollout().guidance()).isEqualTo(7.5);
    }

    /** Published: rollouts with or without guidance, training always without. */
    @Test
    void awmIsTrainedWithoutGuidanceWhateverItsRolloutsHave() {
        RunConfig config = bare("awm", "rollout.guidance=4.5").config();
        assertThat(config.rollout().guidance()).isEqualTo(4.5);
        assertThat(config.trainedGuidance()).isEqualTo(1);
        assertThat(bare("awm", "rollout.guidance=4.5", "algorithm.guidance=null")
                        .config()
                        .trainedGuidance())
                .isEqualTo(4.5);
    }

    @Test
    void densitiesOfStepsAreAskedForWithTheGuidanceThatMadeThem() {
        assertThatThrownBy(() -> bare("flow-grpo", "algorithm.guidance=1"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("algorithm.guidance: is not that of the rollouts, rollout.guidance 4.5")
                .hasMessageContaining("no ratio would be 1")
                .hasMessageContaining("(1.0)");
        assertThat(bare("flow-grpo", "algorithm.guidance=4.5").config().trainedGuidance())
                .isEqualTo(4.5);
        assertThatThrownBy(() -> bare("nft", "algorithm.objective={type: untrained}", "algorithm.guidance=2"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("algorithm.guidance: is not that of the rollouts, rollout.guidance 1.0")
                .hasMessageContaining("untrained trains with that of the rollouts, or with none; leave it out");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nft", "dgpo", "crd", "diffusion-dpo", "rpo", "cpl", "tgdpo"})
    void whatIsTrainedOnFinishedImagesMayHaveAGuidanceOfItsOwn(String preset) {
        assertThat(bare(preset, "rollout.guidance=4.5", "algorithm.guidance=1")
                        .config()
                        .trainedGuidance())
                .isEqualTo(1);
    }

    @Test
    void aSharedNoiseNeedsStepsAtWhichSamplesPart() {
        assertThatThrownBy(() -> bare("awm", "rollout.shared_noise=true"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("rollout.shared_noise: makes all samples of a prompt the same image")
                .hasMessageContaining("ode adds no noise");
        assertThatThrownBy(() -> bare("ddpo", "rollout.shared_noise=true", "rollout.samples_per_prompt=1"))
                .hasMessageContaining("has no effect where rollout.samples_per_prompt is 1");
        assertThat(bare("ddpo", "rollout.shared_noise=true").config().rollout().sharedNoise())
                .isTrue();
    }
}
