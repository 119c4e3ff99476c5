package org.imagerl.bench.denoiser;

import org.imagerl.spi.Benchmark;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;

/** Makes the {@link DenoiserBenchmark} of {@link FluxShape}. */
public final class FluxBenchmarkFactory implements Factory<Benchmark, TransformerSizes> {

    @Override
    public String name() {
        return "flux";
    }

    @Override
    public String description() {
        return "blocks of FLUX.1 dev with random weights, on the CPU: loading, forward, LoRA step, against bare kernels";
    }

    @Override
    public TransformerSizes defaults() {
        return new TransformerSizes(3072, null, 64, 512, 16, 3, null, null, null);
    }

    @Override
    public Benchmark create(TransformerSizes sizes, Context context) {
        return new DenoiserBenchmark(name(), FluxShape.of(sizes), sizes.settings(), context);
    }
}
