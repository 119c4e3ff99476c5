package org.imagerl.spi;

/** What the rollouts of an epoch show beside their rewards. Parts ask it before the first update of the epoch. */
public interface RolloutEvidence {

    /**
     * How likely the sampled steps are under some weights.
     *
     * @param logDensities by sample and step: mean over the latent's elements of the log-density of the sampled next state
     * @param divergences by sample and step: the KL divergence of the behaviour policy's transition from that of the weights, per element:
     *     {@code mean_d (mu_behaviour - mu)^2 / (2 S^2)}. Exact, for both have the standard deviation S
     */
    record Comparison(double[][] logDensities, double[][] divergences) {}

    /** The rollouts. */
    Trajectories trajectories();

    /**
     * Evaluates the sampled steps under other weights, without gradients: a call of the denoiser per sample and step that is stored. A part that
     * calls this names the weights in {@link Advantage#needs}, and asks there for the noise. Steps that were not stored are NaN.
     */
    Comparison compare(WeightSet weights);

    /** Of rollouts alone: no weights can be compared. */
    static RolloutEvidence of(Trajectories trajectories) {
        return new RolloutEvidence() {
            @Override
            public Trajectories trajectories() {
                return trajectories;
            }

            @Override
            public Comparison compare(WeightSet weights) {
                throw new UnsupportedOperationException("there is no policy to compare the rollouts with");
            }
        };
    }
}
