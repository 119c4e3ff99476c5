package org.imagerl.toolkit.tensor;

/** placeholder */
final class AdamW {
    record Settings(double beta1, double beta2, double epsilon, double weightDecay) {}
}
