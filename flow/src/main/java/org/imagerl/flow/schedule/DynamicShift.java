package org.imagerl.flow.schedule;

/**
 * More noise for larger images (Esser et al., Scaling Rectified Flow Transformers, 2024, arXiv 2403.03206, section 5.3.2, in FLUX's form):
 *
 * <pre>
 * mu = baseShift + (maxShift - baseShift) (tokens - baseTokens) / (maxTokens - baseTokens)
 * </pre>
 *
 * @param baseShift mu of an image of {@code baseTokens}
 * @param maxShift mu of an image of {@code maxTokens}
 * @param baseTokens number of image tokens
 * @param maxTokens number of image tokens, above {@code baseTokens}
 * @param form what mu is of the shift's factor
 */
public record DynamicShift(double baseShift, double maxShift, int baseTokens, int maxTokens, Form form) {

    /** How the factor of the shift follows from mu: {@code time_shift_type}. */
    public enum Form {
        /** Its logarithm. */
        EXPONENTIAL,
        /** The factor itself. */
        LINEAR
    }

    /** mu of an image of so many tokens. */
    public double mu(int tokens) {
        double slope = (maxShift - baseShift) / (maxTokens - baseTokens);
        return tokens * slope + (baseShift - slope * baseTokens);
    }

    /** The shift of an image of so many tokens. */
    public TimeShift at(int tokens) {
        return form == Form.LINEAR ? new TimeShift(mu(tokens)) : new TimeShift(Math.exp(mu(tokens)));
    }
}
