package org.imagerl.toolkit.lora.files;

import org.imagerl.spi.lora.LoraPair;

/** What an adapter adds to the weight of its layer, by the definition. */
final class Updates {
    private Updates() {}

    /** {@code scale * up down}, of shape {@code [out, in * kh * kw]}, row-major. */
    static double[] of(LoraPair pair) {
        int rank = pair.rank();
        int out = pair.up().length / rank;
        int in = pair.down().length / rank;
        double[] update = new double[out * in];
        for (int o = 0; o < out; o++) {
            for (int r = 0; r < rank; r++) {
                double up = pair.scale() * pair.up()[o * rank + r];
                for (int i = 0; i < in; i++) {
                    update[o * in + i] += up * pair.down()[r * in + i];
                }
            }
        }
        return update;
    }
}
