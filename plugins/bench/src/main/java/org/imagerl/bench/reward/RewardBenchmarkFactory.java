package org.imagerl.bench.reward;

import java.nio.file.Path;
import java.util.List;
import org.imagerl.spi.Benchmark;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.FormerName;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;

/** Makes the benchmark of reward models. */
public final class RewardBenchmarkFactory implements Factory<Benchmark, RewardBenchmarkFactory.Config> {

    /**
     * What is measured.
     *
     * @param images per measurement
     * @param threads numbers of threads to measure with
     * @param layers of each tower of the CLIP; 12 is ViT-B/32
     * @param folder where its weights (600 MB with 12 layers) are written for a while; by default that for temporary files
     */
    public record Config(
            @FormerName("pictures") int images,
            List<Integer> threads,
            int layers,
            @Nullable String folder) {
        /** Checks the ranges. */
        public Config {
            if (images < 1
                    || layers < 1
                    || threads.isEmpty()
                    || threads.stream().anyMatch(n -> n < 1)) {
                throw UserException.input("images, threads and layers must be at least 1");
            }
            threads = List.copyOf(threads);
        }
    }

    @Override
    public String name() {
        return "rewards";
    }

    @Override
    public String description() {
        return "images per second of OCR and of a CLIP of ViT-B/32 shapes on the CPU, split into decode, resize, model and rest";
    }

    @Override
    public Config defaults() {
        return new Config(32, List.of(1, 2), 12, null);
    }

    @Override
    public Benchmark create(Config config, Context context) {
        String given = config.folder();
        Path folder = given == null
                ? Path.of(System.getProperty("java.io.tmpdir", "."))
                : context.folder().resolve(given);
        return new RewardBenchmark(config, folder);
    }
}
