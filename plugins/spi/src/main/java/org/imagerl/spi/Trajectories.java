package org.imagerl.spi;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A batch of rollouts: every state that was passed through, as the policy saw it.
 *
 * @param kernel the sampler that made them
 * @param prompts a prompt per sample
 * @param conditioning the encoded prompts
 * @param states {@code T + 1} states float32 {@code [B, c, h, w]}; null where no trained step needs it; the last is never null
 * @param logDensities per step float32 {@code [B]}: mean over the latent's elements of the log-density of the next
 *     state under the policy that sampled it; null where the step is deterministic or not stored
 * @param noises per step float32 {@code [B, c, h, w]}: {@code (next state - mean) / std} under the policy that sampled it; null where the step
 *     is deterministic or its noise not stored
 */
public record Trajectories(
        TransitionKernel kernel,
        List<Prompt> prompts,
        Conditioning conditioning,
        List<@Nullable NDArray> states,
        List<@Nullable NDArray> logDensities,
        List<@Nullable NDArray> noises) {

    /** Without noises. */
    public Trajectories(
            TransitionKernel kernel,
            List<Prompt> prompts,
            Conditioning conditioning,
            List<@Nullable NDArray> states,
            List<@Nullable NDArray> logDensities) {
        this(kernel, prompts, conditioning, states, logDensities, Collections.nCopies(kernel.steps(), null));
    }

    /** Number of samples. */
    public int size() {
        return prompts.size();
    }

    /** The state before a step (or after the last one), float32 {@code [B, c, h, w]}, which must have been stored. */
    public NDArray state(int step) {
        return stored(states, step);
    }

    /** The log-densities of the transition of a step, float32 {@code [B]}, which must have been stored. */
    public NDArray logDensity(int step) {
        return stored(logDensities, step);
    }

    /** The noise of the transition of a step, float32 {@code [B, c, h, w]}; null if it was not stored. */
    public @Nullable NDArray noise(int step) {
        return noises.get(step);
    }

    /** Whether the transition of a step was stored with its density. */
    public boolean trainable(int step) {
        return logDensities.get(step) != null && states.get(step) != null && states.get(step + 1) != null;
    }

    /** Number of elements of a latent, {@code D = c h w}. */
    public long elements() {
        NDArray latents = state(states.size() - 1);
        return latents.size() / latents.getShape().get(0);
    }

    /** The chosen samples, in that order, as new arrays of the manager. */
    public Trajectories rows(NDManager manager, int... rows) {
        List<Prompt> chosen = new ArrayList<>();
        for (int row : rows) {
            chosen.add(prompts.get(row));
        }
        return new Trajectories(
                kernel,
                chosen,
                conditioning.rows(manager, rows),
                rows(manager, states, rows),
                rows(manager, logDensities, rows),
                rows(manager, noises, rows));
    }

    private static List<@Nullable NDArray> rows(NDManager manager, List<@Nullable NDArray> arrays, int... rows) {
        List<@Nullable NDArray> chosen = new ArrayList<>();
        for (NDArray array : arrays) {
            chosen.add(array == null ? null : Conditioning.rows(manager, array, rows));
        }
        return chosen;
    }

    private static NDArray stored(List<@Nullable NDArray> arrays, int step) {
        NDArray array = arrays.get(step);
        if (array == null) {
            throw new IllegalStateException("step " + step + " was not stored in the rollout");
        }
        return array;
    }
}
