package org.imagerl.training.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.config.Overrides;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Reward;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a run, made by a program. A key that is not set has its default, as in a file; the methods here
 * are the usual keys, {@link #set} reaches all of them ({@link RunConfig} lists them).
 */
public final class RunBuilder {
    private final Registry registry;
    private final String name;
    private final List<Object> rewards = new ArrayList<>();
    private Overrides values = Overrides.NONE;

    /** @param name of the run's folder */
    public RunBuilder(Registry registry, String name) {
        this.registry = registry;
        this.name = name;
    }

    /**
     * Sets any key.
     *
     * @param key {@code rollout.steps}
     * @param value a number, text, truth value, enum constant, path, list, map, record or part, or null for none
     */
    public RunBuilder set(String key, @Nullable Object value) {
        values = values.set(key, value);
        return this;
    }

    /** The folder of the checkpoint that is tuned. */
    public RunBuilder checkpoint(Path folder) {
        return set("checkpoint", folder.toAbsolutePath());
    }

    /** The file of prompts that rollouts are made for. */
    public RunBuilder prompts(Path file) {
        return set("prompts", file.toAbsolutePath());
    }

    /** The file of held-out prompts, which are evaluated and never trained on. */
    public RunBuilder heldOut(Path file) {
        return set("evaluation.prompts", file.toAbsolutePath());
    }

    /** The folder of all runs. */
    public RunBuilder runs(Path folder) {
        return set("run.folder", folder);
    }

    /** The algorithm: the name of a preset. */
    public RunBuilder algorithm(String preset) {
        return set("algorithm.preset", preset);
    }

    /** Adds a reward with its defaults and weight 1, by its name. */
    public RunBuilder reward(String type) {
        rewards.add(type);
        return this;
    }

    /** Adds a reward with its settings and weight 1. */
    public RunBuilder reward(BoundPart<Reward> reward) {
        rewards.add(reward);
        return this;
    }

    /** Rounds of rollout, reward and update. */
    public RunBuilder epochs(int epochs) {
        return set("epochs", epochs);
    }

    /**
     * What an epoch samples.
     *
     * @param prompts different ones
     * @param samples of each
     */
    public RunBuilder rollouts(int prompts, int samples) {
        return set("rollout.prompts_per_epoch", prompts).set("rollout.samples_per_prompt", samples);
    }

    /**
     * How images are sampled.
     *
     * @param steps denoiser calls per image
     * @param guidance scale of classifier-free guidance, 1 is none
     */
    public RunBuilder sampling(int steps, double guidance) {
        return set("rollout.steps", steps).set("rollout.guidance", guidance);
    }

    /**
     * How an epoch's images become optimiser steps.
     *
     * @param updates optimiser steps per epoch
     * @param microBatch images per forward and backward pass
     */
    public RunBuilder updates(int updates, int microBatch) {
        return set("optimiser.updates_per_epoch", updates).set("optimiser.micro_batch", microBatch);
    }

    /**
     * The configuration; its parts are made and checked when it is run.
     *
     * @throws org.imagerl.spi.UserException with all problems
     */
    public EffectiveConfig build() {
        Overrides all = rewards.isEmpty() ? values : values.set("rewards", List.copyOf(rewards));
        return new RunConfigLoader(registry).of(Path.of(name + ".yaml"), all);
    }
}
