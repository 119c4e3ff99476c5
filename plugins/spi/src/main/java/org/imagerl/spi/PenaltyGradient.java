package org.imagerl.spi;

/**
 * Recipe part: how the gradient g_b of the penalties joins the gradient g_f of the policy's loss, as
 * {@code a g_f + b g_b} over all trained tensors of an update.
 */
public interface PenaltyGradient {

    /**
     * What the two are multiplied by.
     *
     * @param policy a
     * @param penalty b
     */
    record Factors(double policy, double penalty) {}

    /** Whether the two are differentiated apart, every pass of an update twice. If not, their sum is differentiated, and {@link #factors} is not asked. */
    boolean apart();

    /**
     * The factors of an update.
     *
     * @param policySquared |g_f|^2
     * @param product g_f . g_b
     */
    Factors factors(double policySquared, double product);
}
