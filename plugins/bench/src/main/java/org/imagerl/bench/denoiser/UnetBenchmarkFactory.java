package org.imagerl.bench.denoiser;

import java.util.List;
import org.imagerl.spi.Benchmark;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.jspecify.annotations.Nullable;

/** Makes the {@link DenoiserBenchmark} of {@link UnetShape}. */
public final class UnetBenchmarkFactory implements Factory<Benchmark, UnetBenchmarkFactory.Config> {

    /**
     * What is measured; by default Stable Diffusion 1.5's UNet on an image of 512 x 512.
     *
     * @param channels of each level, finest first; multiples of 32; all levels but the last have transformers of 8 heads
     * @param textWidth width of the text embedding
     * @param latentSize height and width of the latent
     * @param rank of the low-rank adapters on attention
     * @param repeats each number is the median of so many
     * @param folder where the random weights are written; by default the system's folder for temporary files
     * @param work what alone is measured, on weights that are in no file; by default everything
     */
    public record Config(
            List<Integer> channels,
            int textWidth,
            int latentSize,
            int rank,
            int repeats,
            @Nullable String folder,
            DenoiserBenchmark.@Nullable Work work) {
        /** Checks the ranges. */
        public Config {
            channels = List.copyOf(channels);
            if (channels.isEmpty() || channels.stream().anyMatch(c -> c < 32 || c % 32 != 0)) {
                throw new IllegalArgumentException("channels must be multiples of 32, one per level");
            }
            DenoiserBenchmark.Settings.check(rank, repeats);
            if (textWidth < 1) {
                throw new IllegalArgumentException("text_width must be at least 1");
            }
            if (latentSize < 1 || latentSize % (1 << (channels.size() - 1)) != 0) {
                throw new IllegalArgumentException("latent_size must be a multiple of " + (1 << (channels.size() - 1))
                        + ", for the coarsest level");
            }
        }
    }

    @Override
    public String name() {
        return "sd15";
    }

    @Override
    public String description() {
        return "UNet with the shapes of SD 1.5 and random weights, on the CPU: loading, forward, LoRA step, against bare kernels";
    }

    @Override
    public Config defaults() {
        return new Config(List.of(320, 640, 1280, 1280), 768, 64, 16, 3, null, null);
    }

    @Override
    public Benchmark create(Config config, Context context) {
        DenoiserBenchmark.Settings settings =
                new DenoiserBenchmark.Settings(config.rank(), config.repeats(), config.folder(), config.work());
        return new DenoiserBenchmark(name(), new UnetShape(config), settings, context);
    }
}
