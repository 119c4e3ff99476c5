package org.imagerl.bench;

import java.util.List;
import org.imagerl.bench.denoiser.FluxBenchmarkFactory;
import org.imagerl.bench.denoiser.Sd3BenchmarkFactory;
import org.imagerl.bench.denoiser.UnetBenchmarkFactory;
import org.imagerl.bench.reward.RewardBenchmarkFactory;
import org.imagerl.spi.Benchmark;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Plugin;

/** The benchmarks of all families. */
public final class BenchPlugin implements Plugin {

    @Override
    public String name() {
        return "bench";
    }

    @Override
    public List<Factory<? extends Benchmark, ?>> benchmarks() {
        return List.of(
                new UnetBenchmarkFactory(),
                new Sd3BenchmarkFactory(),
                new FluxBenchmarkFactory(),
                new RewardBenchmarkFactory());
    }
}
