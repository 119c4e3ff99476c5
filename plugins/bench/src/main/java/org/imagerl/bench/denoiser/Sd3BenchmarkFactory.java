package org.imagerl.bench.denoiser;

import org.imagerl.spi.Benchmark;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;

/** Makes the {@link DenoiserBenchmark} of {@link Sd3Shape}. */
public final class Sd3BenchmarkFactory implements Factory<Benchmark, TransformerSizes> {

    @Override
    public String name() {
        return "sd35-medium";
    }

    @Override
    public String description() {
        return "blocks of SD3.5 medium with random weights, on the CPU: loading, forward, LoRA step, against bare kernels";
    }

    @Override
    public TransformerSizes defaults() {
        return new TransformerSizes(1536, null, 64, 333, 16, 3, null, null, null);
    }

    @Override
    public Benchmark create(TransformerSizes sizes, Context context) {
        return new DenoiserBenchmark(name(), Sd3Shape.of(sizes), sizes.settings(), context);
    }
}
