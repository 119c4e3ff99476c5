package org.imagerl.training.loop;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.imagerl.config.registry.Registry;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.Context;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.LatentSpace;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Reward;
import org.imagerl.spi.Stateful;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.reward.LatentReward;
import org.imagerl.training.config.PreparedRun;
import org.imagerl.training.config.PromptImageRules;
import org.imagerl.training.config.RunConfig;
import org.imagerl.training.config.RunParts;
import org.imagerl.training.config.RunPrompts;

/**
 * What a run holds open, and closes: the parts of its configuration, its prompts, the rewards and the policy.
 *
 * @param config the configuration
 * @param parts made from it
 * @param prompts of training and evaluation
 * @param rewards what is trained on, then what is only watched, with weight 0
 * @param runtime the policy and what trains it
 */
public record OpenRun(
        RunConfig config, RunParts parts, TrainingPrompts prompts, WeightedRewards rewards, PolicyRuntime runtime)
        implements AutoCloseable {

    /**
     * Opens everything, the cheap things first, so that a mistake shows before a checkpoint is loaded.
     *
     * @param prepared closed with the run, or at once if it cannot be opened
     * @throws org.imagerl.spi.UserException with what is wrong
     */
    public static OpenRun open(PreparedRun prepared, Registry registry, Consumer<String> lines) {
        Consumer<String> warnings = PreparedRun.oneAtATime(lines);
        Opened opened = new Opened();
        opened.keep(prepared);
        try {
            return open(prepared, registry, warnings, opened);
        } catch (RuntimeException | Error e) {
            opened.close();
            throw e;
        }
    }

    private static OpenRun open(PreparedRun prepared, Registry registry, Consumer<String> warnings, Opened opened) {
        RunConfig config = prepared.config();
        RunParts parts = prepared.parts();
        Context context = config.context(warnings, registry);
        Path checkpoint = config.resolve(config.checkpoint());
        PipelineFactory family = registry.pipeline(checkpoint, config.checkpoint());
        RunInputs inputs = RunInputs.read(config, parts);
        inputs.warn(warnings);
        WeightedRewards rewards = opened.keep(RunInputs.rewards(config, context));
        inputs.check(rewards);
        LatentRefresh.check(
                rewards,
                parts.data() == null ? (long) config.rollout().promptsPerEpoch() * parts.imagesPerPrompt() : 0);
        if (!parts.rewardCombination().usesAdvantage()) {
            warnings.accept("reward_combination " + config.rewardCombination().type()
                    + " normalises each reward within its groups by itself: algorithm.advantage ("
                    + config.algorithm().advantage().type() + ") is not used");
        }
        config = AutoWorkers.found(config, parts, family, context, registry);
        PolicyRuntime runtime = opened.keep(PolicyRuntime.open(config, parts, family, context));
        PromptImageRules.check(prepared.effective(), runtime.pipeline().paintsIn());
        checkSize(runtime.size(), parts, all(rewards));
        DataSource data = parts.data();
        if (data != null) {
            StoredOrder.check(data, config, runtime.size(), runtime.pipeline(), warnings);
        }
        checkLatents(runtime, parts, rewards);
        OpenRun run = new OpenRun(config, parts, inputs.prompts(), rewards, runtime);
        return config.hasAuto() ? AutoBatch.found(run, registry, warnings) : run;
    }

    static List<Reward> all(WeightedRewards rewards) {
        return rewards.entries().stream().map(WeightedRewards.Entry::reward).toList();
    }

    /** Asks all that makes, trains on or scores images whether it can work with these. */
    static void checkSize(ImageSize size, RunParts parts, List<Reward> rewards) {
        Augmentation augmentation = parts.augmentation();
        if (augmentation != null) {
            augmentation.checkSize(size.width(), size.height());
        }
        parts.objective().checkSize(size.width(), size.height());
        rewards.forEach(reward -> reward.checkSize(size.width(), size.height()));
    }

    private static void checkLatents(PolicyRuntime runtime, RunParts parts, WeightedRewards rewards) {
        ImageSize size = runtime.size();
        LatentSpace space = runtime.pipeline().latentSpace(size.width(), size.height());
        parts.objective().checkLatents(space);
        for (WeightedRewards.Entry entry : rewards.entries()) {
            if (entry.reward() instanceof LatentReward reward) {
                reward.checkLatents(space);
            }
        }
    }

    /** The order in which images on disk are trained on. */
    StoredOrder storedOrder(DataSource data) {
        return StoredOrder.of(data, runtime.size(), config.rollout().promptsPerEpoch(), prompts.random());
    }

    /** The files and folders that the run is made from. */
    List<Path> inputs() {
        List<Path> inputs = new ArrayList<>();
        rewards.entries().forEach(entry -> inputs.addAll(entry.reward().files()));
        inputs.addAll(parts.objective().files());
        Augmentation augmentation = parts.augmentation();
        if (augmentation != null) {
            inputs.addAll(augmentation.files());
        }
        inputs.add(config.resolve(config.checkpoint()));
        inputs.addAll(config.components().values());
        RunPrompts.sources(config).forEach(source -> inputs.add(config.resolve(source.file())));
        DataSource data = parts.data();
        if (data != null) {
            inputs.addAll(data.files());
        }
        inputs.addAll(runtime.images().files(prompts.train()));
        inputs.addAll(runtime.images().files(prompts.heldOut()));
        inputs.addAll(runtime.images().ofHints(prompts.train()));
        return inputs;
    }

    /** Everything with memory, by name: all parts of the configuration, and the policy's own. */
    Map<String, Stateful> stateful() {
        Map<String, Stateful> stateful = parts.stateful();
        for (int i = 0; i < rewards.entries().size(); i++) {
            if (rewards.entries().get(i).reward() instanceof Stateful remembering) {
                stateful.put("rewards[" + i + "]", remembering);
            }
        }
        stateful.putAll(runtime.stateful());
        return stateful;
    }

    @Override
    public void close() {
        new Opened(parts, rewards, runtime).close();
    }
}
