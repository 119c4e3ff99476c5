package org.imagerl.bench.denoiser;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.imagerl.bench.timing.Seconds;
import org.imagerl.bench.timing.Timing;
import org.imagerl.latent.pipeline.Denoiser;
import org.imagerl.spi.Benchmark;
import org.imagerl.spi.Checkpointing;
import org.imagerl.spi.Context;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.lora.LoraTuning;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.safetensors.WeightFiles;
import org.imagerl.toolkit.tensor.DeviceMemory;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.TorchEngine;
import org.jspecify.annotations.Nullable;

/**
 * A denoiser from disk, float32, batch 1: loading, forward, and forward and backward with low-rank adapters on the layers that its
 * family's published trainings adapt.
 */
final class DenoiserBenchmark implements Benchmark {
    private static final DeviceMemory RAM = new DeviceMemory.Ram();

    private final DenoiserShape shape;
    private final Settings settings;

    /**
     * Work that can be measured in a process of its own, so that the peak memory of the process is that of this work.
     */
    public enum Work {
        /** A pass without gradients. */
        FORWARD,
        /** Forward and backward with low-rank adapters. */
        STEP,
        /** The same with checkpointing. */
        CHECKPOINTED_STEP,
        /** The same in the least memory. */
        LEAST_MEMORY_STEP;

        Checkpointing checkpointing() {
            return switch (this) {
                case FORWARD, STEP -> Checkpointing.FALSE;
                case CHECKPOINTED_STEP -> Checkpointing.TRUE;
                case LEAST_MEMORY_STEP -> Checkpointing.LEAST;
            };
        }
    }

    /**
     * How to measure.
     *
     * @param rank of the low-rank adapters on attention
     * @param repeats each number is the median of so many
     * @param folder where the random weights are written; null: the system's folder for temporary files
     * @param work what alone is measured, or null for everything
     */
    public record Settings(
            int rank,
            int repeats,
            @Nullable String folder,
            @Nullable Work work) {
        /** Checks the ranges. */
        public Settings {
            check(rank, repeats);
        }

        /** For the configurations that these settings are a part of. */
        public static void check(int rank, int repeats) {
            if (rank < 1 || repeats < 1) {
                throw new IllegalArgumentException("rank and repeats must be at least 1");
            }
        }

        Path parent() {
            return Path.of(folder == null ? System.getProperty("java.io.tmpdir", ".") : folder);
        }
    }

    /**
     * Makes one for the CPU.
     *
     * @param name of the benchmark, for messages
     * @throws UserException if another device is asked for
     */
    public DenoiserBenchmark(String name, DenoiserShape shape, Settings settings, Context context) {
        if (!context.device().equals("cpu") && !context.device().equals("auto")) {
            throw UserException.input("the benchmark " + name + " runs on the CPU, not on " + context.device());
        }
        this.shape = shape;
        this.settings = settings;
    }

    @Override
    public void run(Consumer<String> lines) {
        Report report = new Report(lines);
        Work work = settings.work();
        if (work != null) {
            new SingleWork(shape, settings).run(work, report);
            return;
        }
        report.line(
                "%s, batch 1, float32; PyTorch %s, %d processors",
                shape.title(),
                TorchEngine.get().getVersion(),
                Runtime.getRuntime().availableProcessors());
        try (RandomCheckpoint checkpoint = RandomCheckpoint.write(shape, settings.parent());
                NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            Denoiser loaded = load(checkpoint, manager, report);
            double operations = forward(loaded, manager, report);
            // The thriftier one first: what malloc keeps of the other would count as its peak.
            step(loaded, sharing(loaded, checkpoint, true), true, operations, report);
            step(loaded, sharing(loaded, checkpoint, false), false, operations, report);
            callOverhead(manager, report);
        }
    }

    private Denoiser load(RandomCheckpoint checkpoint, NDManager manager, Report report) {
        RAM.reset();
        Denoiser[] loaded = new Denoiser[1];
        Seconds seconds = Seconds.of(() -> loaded[0] = open(checkpoint, manager));
        double peak = peakBytes();
        double bytes = 4.0
                * loaded[0].network().parameters().stream()
                        .mapToLong(weight -> weight.shape().size())
                        .sum();
        report.line("load      %.2f s of %.2f GB in the file cache", seconds.clock(), bytes / 1e9);
        byProcessor(seconds.processor(), report);
        report.number("          peak memory over the file", peak / bytes);
        return loaded[0];
    }

    private Denoiser open(RandomCheckpoint checkpoint, NDManager manager) {
        Denoiser loaded = shape.declare(checkpoint.config(), Checkpointing.FALSE);
        try (WeightFiles files = checkpoint.weights()) {
            NetworkWeights.load(loaded.network(), files, manager, DataType.FLOAT32, key -> key);
        }
        return loaded;
    }

    /** A forward pass in the light of the bare kernels that it is made of; returns their operations. */
    private double forward(Denoiser denoiser, NDManager manager, Report report) {
        Passes passes = new Passes(shape, manager);
        RAM.reset();
        Seconds.of(() -> passes.forward(denoiser));
        double peak = peakBytes();
        Map<BenchKernel, Integer> kernels = shape.kernels(denoiser.network());
        double operations = BenchKernel.operations(kernels);
        try (BareKernels bare = new BareKernels(kernels, manager)) {
            Timing.Comparison times =
                    Timing.compare(settings.repeats(), () -> Seconds.of(() -> passes.forward(denoiser)), bare::once);
            report.line(
                    "forward   %.2f s, %.0f GFLOP, %.1f GFLOP/s, peak %.2f GB",
                    times.measured(), operations / 1e9, operations / times.measured() / 1e9, peak / 1e9);
            bare.report(report);
            report.line("  bare    %.2f s all, %.1f GFLOP/s", times.yardstick(), operations / times.yardstick() / 1e9);
            report.number("          forward over bare kernels, GFLOP/s", 1 / times.ratio());
            byProcessor(1 / times.processorRatio(), report);
        }
        return operations;
    }

    /** A network of the same weights, which are in memory once. */
    private Denoiser sharing(Denoiser original, RandomCheckpoint checkpoint, boolean checkpointing) {
        Denoiser copy = shape.declare(checkpoint.config(), Checkpointing.of(checkpointing));
        original.network()
                .parameters()
                .forEach(weight -> copy.network().parameter(weight.key()).set(weight.value()));
        return copy;
    }

    /** Forward and backward with low-rank adapters; their share of the operations is not counted. */
    private void step(Denoiser plain, Denoiser denoiser, boolean checkpointing, double operations, Report report) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                LoraTuning tuning = Passes.lora(denoiser, settings.rank(), manager)) {
            Passes passes = new Passes(shape, manager);
            RAM.reset();
            Timing.Comparison times = Timing.compare(
                    settings.repeats(),
                    () -> Seconds.of(() -> passes.step(denoiser, tuning)),
                    () -> Seconds.of(() -> passes.forward(plain)));
            double peak = peakBytes();
            // Weights are frozen: backward has the operations of the forward pass once more. What is run again is not
            // counted.
            report.line(
                    "LoRA step %.2f s %s checkpointing, about %.1f GFLOP/s but for what is run again",
                    times.measured(), checkpointing ? "with" : "without", 2 * operations / times.measured() / 1e9);
            report.number("          over the forward", times.ratio());
            byProcessor(times.processorRatio(), report);
            report.number("          peak memory in GB", peak / 1e9);
        }
    }

    private static void byProcessor(double ratio, Report report) {
        report.line("          by processor time, which other programs disturb less: %s", Seconds.shown(ratio));
    }

    private static void callOverhead(NDManager manager, Report report) {
        int calls = 1000;
        NDArray small = Kernels.randn(manager, 4, new Shape(4));
        double script = Timing.median(9, () -> repeat(calls, () -> Kernels.silu(small)));
        double direct = Timing.median(9, () -> repeat(calls, () -> small.add(small)));
        report.line(
                "call      %.1f us a kernel of ours, %.1f us an operation of the engine (4 elements)",
                1e6 * script / calls, 1e6 * direct / calls);
    }

    private static void repeat(int calls, Runnable call) {
        Gradients.off(() -> {
            for (int i = 0; i < calls; i++) {
                call.run();
            }
            return calls;
        });
    }

    /** NaN where the system does not tell. */
    private static double peakBytes() {
        long peak = RAM.peak();
        return peak == 0 ? Double.NaN : peak;
    }
}
