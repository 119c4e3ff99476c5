package org.imagerl.training.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.spi.Advantage;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.Context;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Guidance;
import org.imagerl.spi.Likelihood;
import org.imagerl.spi.Objective;
import org.imagerl.spi.Penalty;
import org.imagerl.spi.PenaltyGradient;
import org.imagerl.spi.Ratio;
import org.imagerl.spi.Selection;
import org.imagerl.spi.Stateful;
import org.imagerl.spi.StepNoise;
import org.imagerl.spi.StepWeight;
import org.imagerl.spi.TrustRegion;
import org.imagerl.spi.UserException;
import org.imagerl.spi.data.DataSource;
import org.imagerl.spi.run.PromptSampler;
import org.imagerl.spi.run.RewardCombination;
import org.imagerl.spi.run.RolloutBudget;
import org.imagerl.spi.run.Tracker;
import org.imagerl.spi.run.UpdateRule;
import org.imagerl.toolkit.recipe.Recipe;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a run, made once from its configuration; rewards alone are made when the run is opened, for they load models. What could not be made is
 * absent, which only a configuration that is looked at, not run, may have.
 */
public final class RunParts implements AutoCloseable {
    private final RunConfig config;
    private final Context context;
    private final BiConsumer<String, UserException> refused;

    /** By the path of the configuration. */
    private final SortedMap<String, Object> made = new TreeMap<>();

    private final List<Tracker> trackers = new ArrayList<>();
    private @Nullable Objective objective;

    private RunParts(RunConfig config, Context context, BiConsumer<String, UserException> refused) {
        this.config = config;
        this.context = context;
        this.refused = refused;
    }

    /**
     * Makes the parts.
     *
     * @param refused takes the path of a part that cannot be made, with the reason
     */
    static RunParts make(RunConfig config, Context context, BiConsumer<String, UserException> refused) {
        RunParts parts = new RunParts(config, context, refused);
        try {
            parts.makeAll();
            return parts;
        } catch (RuntimeException | Error e) {
            parts.close();
            throw e;
        }
    }

    private void makeAll() {
        AlgorithmConfig algorithm = config.algorithm();
        objective = make("algorithm.objective", algorithm.objective());
        make("algorithm.likelihood", algorithm.likelihood());
        make("algorithm.ratio", algorithm.ratio());
        make("algorithm.trust_region", algorithm.trustRegion());
        make("algorithm.step_weight", algorithm.stepWeight());
        make("algorithm.penalty", algorithm.penalty());
        make("algorithm.proximal", algorithm.proximal());
        make("algorithm.penalty_gradient", algorithm.penaltyGradient());
        make("algorithm.advantage", algorithm.advantage());
        make("algorithm.selection", algorithm.selection());
        make("reward_combination", config.rewardCombination());
        make("data", config.data());
        make("rollout.dynamics", config.rollout().dynamics());
        make("rollout.noise", config.rollout().noise());
        make("rollout.guidance_rule", config.rollout().guidanceRule());
        make("rollout.prompt_sampler", config.rollout().promptSampler());
        make("rollout.budget", config.rollout().budget());
        make("optimiser", config.optimiser().rule());
        make("augmentation", config.augmentation());
        RunConfig.Evaluation evaluation = config.evaluation();
        make("evaluation.dynamics", evaluation == null ? null : evaluation.dynamics());
        List<BoundPart<Tracker>> configured = config.run().trackers();
        for (int i = 0; i < configured.size(); i++) {
            Tracker tracker = make("run.trackers[" + i + "]", configured.get(i));
            if (tracker != null) {
                trackers.add(tracker);
            }
        }
        if (algorithm.objective() == null) {
            objective = recipe();
        }
    }

    private <T> @Nullable T make(String path, @Nullable BoundPart<T> configured) {
        try {
            T part = configured == null ? null : configured.create(context);
            if (part != null) {
                made.put(path, part);
            }
            return part;
        } catch (UserException e) {
            refused.accept(path, e);
            return null;
        }
    }

    /** Null if a part of it is missing. */
    private @Nullable Recipe recipe() {
        Likelihood likelihood = find("algorithm.likelihood", Likelihood.class);
        Ratio ratio = find("algorithm.ratio", Ratio.class);
        TrustRegion trustRegion = trustRegion();
        StepWeight stepWeight = find("algorithm.step_weight", StepWeight.class);
        if (likelihood == null || ratio == null || trustRegion == null || stepWeight == null) {
            return null;
        }
        Map<String, Penalty> penalties = new TreeMap<>();
        for (String key : List.of("penalty", "proximal")) {
            Penalty penalty = find("algorithm." + key, Penalty.class);
            if (penalty != null) {
                penalties.put(key, penalty);
            }
        }
        return new Recipe(likelihood, ratio, trustRegion, stepWeight, penalties);
    }

    /** The part of a path, if there is one and it could be made. */
    <T> @Nullable T find(String path, Class<T> contract) {
        return contract.cast(made.get(path));
    }

    private <T> T require(String path, Class<T> contract) {
        return Objects.requireNonNull(find(path, contract), path);
    }

    /** A recipe of parts, or an objective of its own. */
    public Objective objective() {
        return Objects.requireNonNull(objective, "algorithm.objective");
    }

    /** The objective, if it could be made. */
    @Nullable
    Objective objectiveIfMade() {
        return objective;
    }

    /** How rewards become signs. */
    public Advantage advantage() {
        return require("algorithm.advantage", Advantage.class);
    }

    /** How the gradient of the penalties joins that of the policy's loss. */
    public PenaltyGradient penaltyGradient() {
        return require("algorithm.penalty_gradient", PenaltyGradient.class);
    }

    /** Which rollouts are trained on. */
    public Selection selection() {
        return require("algorithm.selection", Selection.class);
    }

    /** How several rewards become one advantage. */
    public RewardCombination rewardCombination() {
        return require("reward_combination", RewardCombination.class);
    }

    /** Which updates are stopped; null if the objective is no recipe. */
    public @Nullable TrustRegion trustRegion() {
        return find("algorithm.trust_region", TrustRegion.class);
    }

    /** How rollouts step from noise to an image. */
    public Dynamics dynamics() {
        return require("rollout.dynamics", Dynamics.class);
    }

    /** How guidance makes one output of two. */
    public Guidance guidance() {
        return require("rollout.guidance_rule", Guidance.class);
    }

    /** The distribution of the noise of rollouts. */
    public StepNoise noise() {
        return require("rollout.noise", StepNoise.class);
    }

    /** The same for evaluations. */
    public Dynamics evaluationDynamics() {
        Dynamics own = find("evaluation.dynamics", Dynamics.class);
        return own == null ? dynamics() : own;
    }

    /** The prompts of an epoch. */
    public PromptSampler promptSampler() {
        return require("rollout.prompt_sampler", PromptSampler.class);
    }

    /** The samples of each prompt. */
    public RolloutBudget budget() {
        return require("rollout.budget", RolloutBudget.class);
    }

    /** The images on disk that take the place of rollouts; null where rollouts are made. */
    public @Nullable DataSource data() {
        return find("data", DataSource.class);
    }

    /** Images of each prompt of an epoch: on average as many samples, or all of an example on disk. */
    public int imagesPerPrompt() {
        DataSource data = data();
        return data == null ? config.rollout().samplesPerPrompt() : data.images();
    }

    /** How weights are updated. */
    public UpdateRule updateRule() {
        return require("optimiser", UpdateRule.class);
    }

    /** What checkpoints are conditioned on beside the prompt; null is nothing. */
    public @Nullable Augmentation augmentation() {
        return find("augmentation", Augmentation.class);
    }

    /** What takes the numbers of the run beside its own log. */
    public List<Tracker> trackers() {
        return List.copyOf(trackers);
    }

    /** What must hold of rollouts for the objective and the advantages. */
    public Objective.Needs needs() {
        Objective.Needs own = objective().needs();
        return rewardCombination().usesAdvantage() ? own.and(advantage().needs()) : own;
    }

    /** Fewest images of a prompt with which advantages mean something. */
    public int minimumGroup() {
        return minimumGroup(rewardCombination(), advantage());
    }

    static int minimumGroup(RewardCombination combination, Advantage advantage) {
        int own = combination.minimumGroup();
        return combination.usesAdvantage() ? Math.max(own, advantage.minimumGroup()) : own;
    }

    /** All parts with memory, by their path. */
    public SortedMap<String, Stateful> stateful() {
        SortedMap<String, Stateful> stateful = new TreeMap<>();
        made.forEach((path, part) -> {
            if (part instanceof Stateful remembering) {
                stateful.put(path, remembering);
            }
        });
        return stateful;
    }

    @Override
    public void close() {
        if (objective != null) {
            objective.close();
        }
        trackers.forEach(Tracker::close);
        DataSource data = data();
        if (data != null) {
            data.close();
        }
    }
}
