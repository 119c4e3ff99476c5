package org.imagerl.training.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.imagerl.config.ConfigLoader;
import org.imagerl.config.Node;
import org.imagerl.config.Origin;
import org.imagerl.config.Overrides;
import org.imagerl.config.RecordNodes;
import org.imagerl.config.Words;
import org.imagerl.config.YamlWriter;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Registry;
import org.imagerl.scoring.reward.RewardArguments;
import org.imagerl.scoring.reward.RewardEntry;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.UserException;
import org.imagerl.testkit.TestPlugin;
import org.imagerl.toolkit.run.RunPlugin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunConfigLoaderTest {
    private static final Path FILE = Path.of("/configs/words.yaml");
    private static final String SMALL = """
        checkpoint: tiny
        prompts: train.txt
        algorithm: ddpo
        rewards: [brightness]
        """;

    private final Registry registry = Registry.of(new TestPlugin(), new RunPlugin());
    private final RunConfigLoader loader = new RunConfigLoader(registry);

    @Test
    void fourLinesAreEnoughForARun() {
        RunConfig config = load(SMALL).config();
        assertThat(config.run().name()).isEqualTo("words");
        assertThat(config.baseFolder()).isEqualTo("/configs");
        assertThat(config.resolve(config.checkpoint())).isEqualTo(Path.of("/configs/tiny"));
        assertThat(config.tuning())
                .isEqualTo(new TuningSpec.Lora(List.of(), 4, 4, List.of(), TuningSpec.Lora.Init.GAUSSIAN));
        assertThat(config.rollout().dynamics().config()).isEqualTo(new TestPlugin.Ddim(1));
        assertThat(config.algorithm().trustRegion().config())
                .isEqualTo(new TestPlugin.Clip(2e-4, TestPlugin.Clip.Unit.PER_ELEMENT));
        assertThat(config.algorithm().penalty()).isNull();
        assertThat(config.evaluation()).isNull();
        assertThat(config.rewards().get(0).label()).isEqualTo("brightness");
        assertThat(config.rewards().get(0).weight()).isEqualTo(1);
    }

    @Test
    void aFileOfAnotherCommandIsNamedInOneSentence() {
        assertThatThrownBy(() -> load("type: words\nvae: {steps: 3}\n"))
                .hasMessageStartingWith("/configs/words.yaml: is a pretraining or a classifier")
                .hasMessageContaining("imagerl pretrain FILE")
                .hasMessageNotContaining("is missing");
        assertThatThrownBy(() -> load("question: which?\narms: []\n")).hasMessageContaining("imagerl study FILE");
        assertThatThrownBy(() -> new ConfigLoader(registry).part(Kind.PENALTY, SMALL, Overrides.NONE))
                .hasMessageContaining("is the configuration of a training run")
                .hasMessageContaining("imagerl train FILE");
    }

    @Test
    void aTypeAtTheTopOfARunDoesNotTakeItsDefaultsAway() {
        assertThatThrownBy(() -> load(SMALL + "type: lora\n"))
                .hasMessageContaining("type: is not a key at the top of a run")
                .hasMessageNotContaining("is missing");
    }

    /** Every key, with a value that is not its default. */
    @Test
    void everyKeyIsMapped() {
        RunConfig config = load("""
            checkpoint: sd
            base_folder: /data
            seed: 7
            device: cuda:1
            dtype: float16
            text_encoder_dtype: bfloat16
            vae_dtype: float32
            precision: high
            model: {embedded_guidance: 2.5, text_tokens: 128}
            threads: 3
            workers: 2
            shards: 2
            epochs: 5
            run:
              name: mine
              folder: out
              save_every: 2
              sample_every: 3
              evaluate_every: 4
              diagnose_every: 8
              keep_last: 6
              keep_best: false
              best_by: {metric: reward_std, lowest: true}
              trackers: [silent]
            tuning:
              type: lora
              components: [unet, text_encoder]
              rank: 8
              alpha: 16
              targets: [to_q]
              init: kaiming
            prompts: {file: a.csv, split: train}
            evaluation:
              prompts: {file: a.csv, split: test}
              samples_per_prompt: 9
              steps: 40
              guidance: 2.5
              dynamics: {type: ode}
            rollout:
              dynamics: {type: ddim, eta: 0.5}
              steps: 10
              guidance: 3
              negative_prompt: "ugly: #1"
              width: 64
              height: 32
              prompts_per_epoch: 12
              samples_per_prompt: 5
              shared_noise: true
              policy_guidance: 0.5
              batch_size: 20
            algorithm:
              preset: ddpo
              trust_region: {type: clip, range: 3e-3, unit: total}
              advantage: batch
              penalty: null
              max_advantage: 4
              advantage_scale: 0.2
              guidance: 3
              trained_steps: {type: random, fraction: 0.6}
              trailing: {decay: 0.5, ramp: 0.01, delay: 2}
              sampled_by: ema
            optimiser:
              learning_rate: 1e-5
              beta1: 0.8
              beta2: 0.99
              epsilon: 1e-6
              weight_decay: 0.01
              max_grad_norm: 2
              warmup_steps: 11
              schedule: cosine
              ema_decay: 0.9
              ema_every: 8
              ema_delay: 1
              micro_batch: 10
              updates_per_epoch: 3
              inner_epochs: 2
            memory: {checkpointing: least, vae_slicing: true, vae_tiling: true, offload: true, embedding_cache: here}
            augmentation: {type: conditioned, by: {type: brightness, channel: 2}, weight: 3}
            rewards:
              - {type: brightness, name: red, weight: 0.5, channel: 0, note: 'no', tags: [a], extra: {b: 1}}
              - {type: brightness, name: blue, weight: -1, channel: 2}
            evaluation_rewards: [{type: brightness, name: green, channel: 1}]
            samples: {prompts: 2, seeds: [5, 6]}
            reward_combination: gdpo
            """).config();
        Node.Section bound = RecordNodes.section(config, Origin.DEFAULT);
        Node.Section small = RecordNodes.section(load(SMALL).config(), Origin.DEFAULT);
        assertDiffersEverywhere(bound, small, "");
        assertThat(config.rollout().negativePrompt()).isEqualTo("ugly: #1");
        assertThat(config.rewards().get(0).reward().config())
                .isEqualTo(new TestPlugin.Brightness(0, "no", List.of("a"), Map.of("b", 1.0)));
        assertThat(config.evaluation().dynamics().type()).isEqualTo("ode");
        TestPlugin.Conditioned augmentation = (TestPlugin.Conditioned)
                Objects.requireNonNull(config.augmentation()).config();
        assertThat(augmentation.by().type()).isEqualTo("brightness");
        assertThat(augmentation.by().create(config.context(line -> {})).spec().max())
                .isEqualTo(255);
        assertThat(config.algorithm().trainedSteps()).isEqualTo(new TrainedSteps.Random(0.6));
        assertThat(config.optimiser().learningRate()).isEqualTo(1e-5);
        assertThat(load(config).config()).isEqualTo(config);
    }

    @Test
    void theStrengthOfAnImageIsMappedWhereNoiseIsNotShared() {
        assertThat(load(SMALL, "rollout.strength=0.7").config().rollout().strength())
                .isEqualTo(0.7);
        assertThatThrownBy(() -> load(SMALL, "rollout.strength=0.7", "rollout.shared_noise=true"))
                .hasMessageContaining("rollout.shared_noise")
                .hasMessageContaining("rollout.strength");
    }

    @Test
    void hintsAreMappedWhereNoiseIsNotShared() {
        RolloutConfig.Hints hints =
                new RolloutConfig.Hints(0.9, 3, List.of(new RolloutConfig.Hints.Level(7.5, "help", "shown", 0.6)));
        String text =
                "rollout.hints={success: 0.9, after: 3, levels: [{guidance: 7.5, field: help, image: shown, strength:"
                        + " 0.6}]}";
        assertThat(load(SMALL, text).config().rollout().hints()).isEqualTo(hints);
        assertThatThrownBy(() -> load(SMALL, text, "rollout.shared_noise=true"))
                .hasMessageContaining("rollout.hints")
                .hasMessageContaining("rollout.shared_noise");
    }

    private static void assertDiffersEverywhere(Node.Section set, Node.Section defaults, String path) {
        List<String> same = List.of(
                "algorithm.preset",
                "algorithm.objective",
                "algorithm.likelihood",
                "algorithm.ratio",
                "algorithm.step_weight",
                "algorithm.penalty",
                "algorithm.proximal",
                "algorithm.selection",
                "data", // does not go with prompts
                "rollout.hints", // nor these two with shared noise
                "rollout.strength");
        set.entries().forEach((key, node) -> {
            String at = Words.path(path, key);
            Node other = defaults.entries().get(key);
            if (node instanceof Node.Section section && other instanceof Node.Section below && !same.contains(at)) {
                assertDiffersEverywhere(section, below, at);
            } else if (!same.contains(at) && !key.equals("type")) {
                assertThat(node.toString()).as(at).isNotEqualTo(String.valueOf(other));
            }
        });
    }

    private EffectiveConfig load(RunConfig config) {
        String yaml = YamlWriter.write(RecordNodes.section(config, Origin.DEFAULT), path -> "");
        return loader.parse(yaml, Path.of("/elsewhere/other.yaml"), List.of());
    }

    @Test
    void theEffectiveConfigurationLoadsToAnEqualOneFromAnywhere() {
        EffectiveConfig effective = load(SMALL, "rewards=[{type: brightness, note: \"x: \\\"y\\\" # é\\n\\u0085\"}]");
        EffectiveConfig again = loader.parse(effective.yaml(), Path.of("/elsewhere/config.yaml"), List.of());
        assertThat(again.config()).isEqualTo(effective.config());
        assertThat(again.yaml()).isEqualTo(effective.yaml());
    }

    @Test
    void allProblemsAreToldAtOnceWithTheirLines() {
        String text = """
            checkpoint: 472
            device: gpu
            epochs: 8.5
            run: {save_every: 0, keep_best: yes}
            tuning: {type: lorra}
            prompts: {split: train}
            rollout:
              dynamics: {type: ddim, eta: 3}
              stepz: 20
              steps: 20
              steps: 30
              guidance:
              width: [64]
            algorithm: {preset: ddpo, trust_region: {range: tiny, unit: totl}, max_advantage: 0}
            optimiser:
              learning_rate: 1e-400000
              schedule: cosin
              beta2: 1
            rewards:
              - {type: brightnes}
              - {type: brightness, wieght: 2}
              - {type: model}
            threads: 0
            workers: 3000000000
            """;
        assertProblems(text, """
            /configs/words.yaml:1: checkpoint: must be a text; put it in quotes (472)
            /configs/words.yaml:3: epochs: must be a whole number (8.5)
            /configs/words.yaml:4: run.save_every: must be at least 1 (0)
            /configs/words.yaml:4: run.keep_best: must be true or false (yes)
            /configs/words.yaml:5: tuning.type: must be one of full, lora; did you mean lora? (lorra)
            /configs/words.yaml:6: prompts.file: is missing
            /configs/words.yaml:8: rollout.dynamics.eta: must be 0 to 1, not 3.0 (3)
            /configs/words.yaml:9: rollout.stepz: is not a key; did you mean steps? (20)
            /configs/words.yaml:11: rollout.steps: is given twice, first on line 10
            /configs/words.yaml:12: rollout.guidance: must have a value
            /configs/words.yaml:13: rollout.width: must be a whole number, not a list
            /configs/words.yaml:14: algorithm.trust_region.range: must be a number (tiny)
            /configs/words.yaml:14: algorithm.trust_region.unit: must be one of per-element, total; did you mean total? (totl)
            /configs/words.yaml:14: algorithm.max_advantage: must be above 0 (0)
            /configs/words.yaml:16: optimiser.learning_rate: must be above 0 (1e-400000)
            /configs/words.yaml:17: optimiser.schedule: must be one of constant, cosine, linear; did you mean cosine? (cosin)
            /configs/words.yaml:18: optimiser.beta2: must be at least 0 and below 1, not 1.0 (1)
            /configs/words.yaml:20: rewards[0].type: there is no reward named brightnes; did you mean brightness? (known: brightness, model)
            /configs/words.yaml:21: rewards[1].wieght: is not a key; did you mean weight? (2)
            /configs/words.yaml:22: rewards[2].file: is missing
            /configs/words.yaml:23: threads: must be at least 1, or auto (0)
            /configs/words.yaml:24: workers: must be a whole number of at most 32 bits, or auto (3000000000)
            """);
    }

    @Test
    void aMisspeltOrMissingAlgorithmIsSaidOnceAndWithoutItsParts() {
        String without = SMALL.replaceFirst("(?m)^algorithm:.*\n", "");
        assertThat(without).isNotEqualTo(SMALL);
        assertThatThrownBy(() -> load(without + "algo: ddpo\n"))
                .hasMessageContaining("algo: is not a key; did you mean algorithm? (ddpo)")
                .hasMessageNotContaining("is missing");
        assertThatThrownBy(() -> load(without))
                .hasMessageContaining("algorithm: is missing; name one of ddpo")
                .hasMessageNotContaining("algorithm.");
        assertThatThrownBy(() -> load(without, "epochs=2"))
                .as("an option is not to blame for a key that the file lacks")
                .hasMessageStartingWith("/configs/words.yaml:1: algorithm: is missing");
        assertThatThrownBy(() -> load(without + "algorithm: DDPO\n"))
                .hasMessageContaining("there is no algorithm named DDPO; did you mean ddpo?")
                .hasMessageNotContaining("is missing");
    }

    @Test
    void aKeyOfAnotherPlaceOrAnotherToolIsHintedAt() {
        assertThatThrownBy(() -> load(SMALL, "lr=1e-4"))
                .hasMessageContaining("lr: is not a key; did you mean optimiser.learning_rate?");
        assertThatThrownBy(() -> load(SMALL, "learning_rate=1e-4"))
                .hasMessageContaining("did you mean optimiser.learning_rate?");
        assertThatThrownBy(() -> load(SMALL, "guidance_scale=5"))
                .hasMessageContaining("did you mean rollout.guidance?");
        assertThatThrownBy(() -> load(SMALL, "steps=5"))
                .hasMessageContaining("did you mean evaluation.steps or rollout.steps?");
        assertThatThrownBy(() -> load(SMALL, "rollout.lr=1"))
                .hasMessageContaining("did you mean optimiser.learning_rate?");
        assertThatThrownBy(() -> load(SMALL, "quux=1"))
                .hasMessageContaining("quux: is not a key; of the ")
                .hasMessageContaining(" keys here the nearest are ")
                .hasMessageContaining("imagerl config schema")
                .hasMessageNotContaining("checkpoint, ");
        assertThatThrownBy(() -> load(SMALL, "memory.quux=1"))
                .hasMessageContaining("memory.quux: is not a key; the keys here are checkpointing");
    }

    @Test
    void aPathThatIsNoConfigurationIsAnsweredWithWhatWasMeant(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("words.yaml"), SMALL);
        RunConfigLoader loader = new RunConfigLoader(registry);
        assertThatThrownBy(() -> loader.load(folder.resolve("wrods.yaml"), List.of()))
                .hasMessageContaining("wrods.yaml: no such file; did you mean words.yaml?");
        assertThatThrownBy(() -> loader.load(folder.resolve("none/words.yaml"), List.of()))
                .hasMessageContaining("no such file: there is no folder ");
        assertThatThrownBy(() -> loader.load(folder, List.of()))
                .hasMessageContaining("is a folder, not a file of settings; name one of its files: words.yaml");
        Files.createDirectories(folder.resolve("checkpoints"));
        Files.writeString(folder.resolve("config.yaml"), SMALL);
        assertThatThrownBy(() -> loader.load(folder, List.of()))
                .hasMessageContaining("it is a run: go on with it by imagerl resume " + folder);
    }

    @Test
    void aSectionThatChangesItsTypeTakesNothingFromTheOther() {
        assertThat(load(SMALL + "tuning: {type: full, components: [unet]}\n")
                        .config()
                        .tuning())
                .isEqualTo(new TuningSpec.Full(List.of("unet")));
        RunConfig config = load(SMALL.replace("ddpo", "{preset: ddpo, trust_region: none}"))
                .config();
        assertThat(config.algorithm().trustRegion().type()).isEqualTo("none");
    }

    @Test
    void flagsLieOverTheFile() {
        EffectiveConfig effective =
                load(SMALL, "rollout.steps=7", "algorithm.trust_region.range=3e-3", "rollout.dynamics.eta=0.5");
        assertThat(effective.config().rollout().steps()).isEqualTo(7);
        assertThat(effective.config().algorithm().preset()).isEqualTo("ddpo");
        assertThat(effective.config().algorithm().trustRegion().config())
                .isEqualTo(new TestPlugin.Clip(3e-3, TestPlugin.Clip.Unit.PER_ELEMENT));
        assertThat(effective.config().rollout().dynamics().config()).isEqualTo(new TestPlugin.Ddim(0.5));
    }

    @Test
    void aWrongFlagIsToldAsSuch() {
        assertThatThrownBy(() -> load(SMALL, "rollout.stepz=7", "nothing"))
                .isInstanceOf(UserException.class)
                .hasMessage(lines("""
                    --set nothing: must be KEY=VALUE, for instance rollout.steps=20
                    --set rollout.stepz=7: rollout.stepz: is not a key; did you mean steps? (7)
                    """));
    }

    @Test
    void everyValueKnowsWhereItIsFrom() {
        String shown = load(SMALL, "seed=3").show();
        assertThat(shown.lines())
                .contains(
                        "checkpoint: tiny  # /configs/words.yaml:1",
                        "seed: 3  # --set seed=3",
                        "epochs: 100  # default",
                        "    eta: 1.0  # default",
                        "    range: 2.0e-4  # preset ddpo",
                        "    unit: per-element  # default",
                        "  preset: ddpo  # /configs/words.yaml:3",
                        "  - type: brightness  # /configs/words.yaml:4");
    }

    @Test
    void combinationsWithoutSenseAreRefusedWithTheReason() {
        String text = SMALL + """
            rollout: {dynamics: {type: ddim, eta: 0}, samples_per_prompt: 1, prompts_per_epoch: 10, steps: 5}
            optimiser: {updates_per_epoch: 3}
            evaluation_rewards: [brightness]
            """;
        assertThatThrownBy(() -> load(text, "algorithm.trained_steps={type: fixed, steps: [0, 5]}", "tuning.rank=0"))
                .isInstanceOf(UserException.class)
                .hasMessage(lines("""
                    --set algorithm.trained_steps={type: fixed, steps: [0, 5]}: algorithm.trained_steps.steps: must be below rollout.steps, which is 5 (5)
                    --set tuning.rank=0: tuning.rank: must be at least 1 (0)
                    /configs/words.yaml:5: rollout.dynamics: adds no noise, so that its steps have no density, which the algorithm needs; make it stochastic (ddim: eta above 0; flow-sde: noise_level above 0)
                    /configs/words.yaml:5: rollout.samples_per_prompt: a group of one says nothing about advantages: group compares at least 2 images of a prompt (1)
                    /configs/words.yaml:6: optimiser.updates_per_epoch: must divide the images of an epoch: 10 prompts x 1 samples = 10 images; 3 does not; the nearest that does is 2
                    /configs/words.yaml:7: evaluation_rewards[0]: two rewards have the same name; set `name` (brightness)
                    """));
    }

    @Test
    void promptsThatCannotBeScoredAreAllNamed() {
        List<Prompt> prompts =
                List.of(Prompt.of("1", "fine"), Prompt.of("2", "unscorable"), Prompt.of("5", "also unscorable"));
        assertThatThrownBy(() -> Rules.checkPrompts(List.of(new TestPlugin.Channel(0)), prompts))
                .isInstanceOf(UserException.class)
                .hasMessage(lines("""
                    prompt 2: cannot score unscorable prompts (unscorable)
                    prompt 5: cannot score unscorable prompts (also unscorable)
                    """));
    }

    @Test
    void theGeometryDividesEvenlyOrSaysWhatWould() {
        RunConfig config = load(SMALL, "rollout.samples_per_prompt=6", "optimiser.micro_batch=8")
                .config();
        assertThat(BatchPlan.of(
                        config.rollout().promptsPerEpoch(), config.rollout().samplesPerPrompt(), config.optimiser()))
                .isEqualTo(new BatchPlan(96, 2, 48, 8, 6));
        assertThatThrownBy(() -> load(SMALL, "optimiser.micro_batch=7"))
                .hasMessage("--set optimiser.micro_batch=7: optimiser.micro_batch: must divide the images of an "
                        + "update: 128 images / 2 updates = 64; 7 does not; the nearest that does is 8");
        assertThatThrownBy(() -> load(SMALL, "optimiser.micro_batch=1000"))
                .hasMessageContaining("the nearest that does is 64");
    }

    @Test
    void rewardsOfACommandLineAreReadTheSameWay() {
        assertThat(RewardArguments.read(registry, "brightness").label()).isEqualTo("brightness");
        RewardEntry entry = RewardArguments.read(registry, "{type: brightness, channel: 2, weight: 3}");
        assertThat(entry.weight()).isEqualTo(3);
        assertThat(entry.reward().config()).isEqualTo(new TestPlugin.Brightness(2, "", List.of(), Map.of()));
        assertThatThrownBy(() -> RewardArguments.read(registry, "{type: brightness, chanel: 2}"))
                .hasMessage("reward {type: brightness, chanel: 2}: chanel: is not a key; did you mean channel? (2)");
        assertThatThrownBy(() -> RewardArguments.read(registry, "birghtness"))
                .hasMessageContaining(
                        "reward birghtness: there is no reward named birghtness; did you mean brightness?");
    }

    @Test
    void aPartMayHaveAFileOfItsOwn(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("clip.yaml"), "type: clip\nrange: 1\n");
        BoundPart<TrustRegion> part = new ConfigLoader(registry).part(Kind.TRUST_REGION, file, List.of("unit=total"));
        assertThat(part.config()).isEqualTo(new TestPlugin.Clip(1, TestPlugin.Clip.Unit.TOTAL));
        assertThat(ConfigLoader.yaml(part)).isEqualTo("type: clip\nrange: 1.0\nunit: total\n");
    }

    @Test
    void theLibrarysOwnPartsAreFoundLikeAnyOthers() {
        assertThat(Registry.load(List.of()).factories(Kind.TRUST_REGION)).containsKeys("clip", "none");
    }

    @Test
    void anUnknownPresetNamesTheNearest() {
        assertThatThrownBy(() -> load(SMALL.replace("ddpo", "ddop")))
                .hasMessageContaining(
                        "/configs/words.yaml:3: algorithm.preset: there is no algorithm named ddop; did you "
                                + "mean ddpo? (known: ddpo) (ddop)");
    }

    @Test
    void anObjectiveAndARecipeExcludeEachOther() {
        String text = SMALL.replace("ddpo", "{objective: whole, advantage: batch}");
        assertThat(load(text).config().algorithm().objective().type()).isEqualTo("whole");
        assertThatThrownBy(() -> load(text, "algorithm.ratio=importance"))
                .hasMessage("--set algorithm.ratio=importance: algorithm.ratio: does not go with algorithm.objective, "
                        + "which has its own loss");
    }

    @Test
    void syntaxErrorsHaveTheirLine() {
        assertProblems(
                "seed: 1\nrun:\n\tname: x\n",
                "/configs/words.yaml:3: found character '\\t(TAB)' that cannot start any token. (Do not use \\t(TAB)"
                        + " for indentation)\n");
        assertProblems("[a]\n", "/configs/words.yaml:1: must have keys at the top, not be a list\n");
    }

    private void assertProblems(String text, String expected) {
        assertThatThrownBy(() -> load(text)).isInstanceOf(UserException.class).hasMessage(lines(expected));
    }

    private static String lines(String text) {
        return text.strip().replace("\n", System.lineSeparator());
    }

    private EffectiveConfig load(String text, String... overrides) {
        return loader.parse(text, FILE, List.of(overrides));
    }
}
