package org.imagerl.training.loop;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.imagerl.config.registry.Registry;
import org.imagerl.scoring.reward.RewardEntry;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.CheckpointOutline;
import org.imagerl.spi.Context;
import org.imagerl.spi.ImageSize;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.Reward;
import org.imagerl.spi.UserException;
import org.imagerl.spi.data.DataSource;
import org.imagerl.training.config.EffectiveConfig;
import org.imagerl.training.config.PreparedRun;
import org.imagerl.training.config.PromptImageRules;
import org.imagerl.training.config.PromptImages;
import org.imagerl.training.config.RunConfig;

/**
 * Finds what a run would refuse at its start, without loading the weights of its checkpoint: whether prompts, rewards,
 * parts and checkpoint fit each other. Rewards are made for it, as far as that takes no weights, and each of them once,
 * however many runs are looked at.
 */
public final class RunCheck implements AutoCloseable {
    private final Registry registry;
    private final Consumer<String> lines;
    private final Map<Object, WeightedRewards> rewards = new HashMap<>();

    /** What scores the images of a run, where it could be made. */
    private final IdentityHashMap<PreparedRun, List<Reward>> rewardsOf = new IdentityHashMap<>();

    private final Set<String> unreachable = new TreeSet<>();

    /** @param lines takes lines for the user */
    public RunCheck(Registry registry, Consumer<String> lines) {
        this.registry = registry;
        this.lines = lines;
    }

    /**
     * Prompts, rewards and parts. A reward that cannot be made on this machine as it is now (its server does not answer) is said, and the run is not looked at any further.
     *
     * @throws UserException with what a run would refuse
     */
    public void inputs(PreparedRun run) {
        RunConfig config = run.config();
        RunInputs inputs = RunInputs.read(config, run.parts());
        inputs.warn(lines);
        WeightedRewards made;
        try {
            made = rewards(config);
        } catch (UserException e) {
            if (e.kind() != UserException.Kind.ENVIRONMENT) {
                throw e;
            }
            if (unreachable.add(String.valueOf(e.getMessage()))) {
                lines.accept("not checked further: " + e.getMessage());
            }
            return;
        }
        inputs.check(made);
        rewardsOf.put(run, OpenRun.all(made));
    }

    private WeightedRewards rewards(RunConfig config) {
        List<RewardEntry> entries = RunInputs.entries(config);
        Context context = config.context(lines, registry).onlyChecking();
        Object key = List.of(entries, config.baseFolder(), config.device(), config.threads());
        WeightedRewards known = rewards.get(key);
        if (known == null) {
            known = WeightedRewards.create(entries, context);
            rewards.put(key, known);
        }
        return known;
    }

    /**
     * The checkpoints, by their family's own loader, all but the numbers in the weights; and whether the sizes, the steps and the images of each run fit it. Runs of one checkpoint open
     * it once.
     *
     * @throws UserException with what a run would refuse
     */
    public void checkpoints(List<PreparedRun> runs) {
        Map<Object, List<PreparedRun>> alike = new LinkedHashMap<>();
        for (PreparedRun run : runs) {
            RunConfig config = run.config();
            PipelineFactory.Options options = config.pipelineOptions(config.context(lines));
            Object key = List.of(config.resolve(config.checkpoint()), options.dtypes(), options.model());
            alike.computeIfAbsent(key, none -> new ArrayList<>()).add(run);
        }
        alike.values()
                .forEach(same -> checkpoint(
                        same.get(0).config(), registry, lines, outline -> same.forEach(run -> look(run, outline))));
    }

    /** The same of a configuration of which no parts could be made: the checkpoint, and whether prompts have the images that it takes. */
    public static void checkpoint(EffectiveConfig effective, Registry registry, Consumer<String> lines) {
        checkpoint(
                effective.config(), registry, lines, outline -> PromptImageRules.check(effective, outline.paintsIn()));
    }

    private static void checkpoint(
            RunConfig config, Registry registry, Consumer<String> lines, Consumer<CheckpointOutline> look) {
        Path checkpoint = config.resolve(config.checkpoint());
        PipelineFactory family = registry.pipeline(checkpoint, config.checkpoint());
        family.check(checkpoint, config.pipelineOptions(config.context(lines, registry)), look);
    }

    private void look(PreparedRun run, CheckpointOutline outline) {
        RunConfig config = run.config();
        PromptImageRules.check(run.effective(), outline.paintsIn());
        outline.check(config.tuning());
        Augmentation augmentation = run.parts().augmentation();
        if (augmentation != null) {
            augmentation.check(outline, config.tuning());
        }
        ImageSize size = PolicyRuntime.size(config.rollout(), outline);
        PromptImages images = new PromptImages(config, outline.paintsIn());
        Context context = config.context(lines, registry);
        DataSource data = run.parts().data();
        if (data != null) {
            StoredOrder.check(data, config, size, outline, lines);
        }
        new RunKernels(config, run.parts(), outline, size, PolicyRuntime.starts(images, size), context).check();
        OpenRun.checkSize(size, run.parts(), rewardsOf.getOrDefault(run, List.of()));
    }

    @Override
    public void close() {
        List<WeightedRewards> made = new ArrayList<>(rewards.values());
        rewards.clear();
        rewardsOf.clear();
        new Opened(made.toArray(AutoCloseable[]::new)).close();
    }
}
