package org.imagerl.diffusion.bench;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.unet.UNet;
import org.imagerl.spi.Benchmark;
import org.imagerl.spi.TuningSpec;
import org.imagerl.toolkit.lora.LoraTuning;
import org.imagerl.toolkit.nn.Network;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.nn.Parameter;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.safetensors.WeightFiles;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;

/**
 * A UNet from disk, float32, batch 1: loading, forward, and forward and backward with low-rank adapters on attention. The bounds
 * beside the numbers are what the project wants of itself at the default shapes.
 */
final class UnetBenchmark implements Benchmark {
    private static final int TOKENS = 77;
    private static final double[] TIMESTEP = {500};

    private final UnetBenchmarkFactory.Config config;
    private final Path parent;

    UnetBenchmark(UnetBenchmarkFactory.Config config, Path parent) {
        this.config = config;
        this.parent = parent;
    }

    /** A network with the weights of the file. */
    private record Loaded(Network network, UNet unet) {}

    @Override
    public void run(Consumer<String> lines) {
        Report report = new Report(lines);
        report.line(
                "UNet of channels %s on a latent of %d x %d, batch 1, float32; PyTorch %s, %d processors",
                config.channels(),
                config.latentSize(),
                config.latentSize(),
                Engine.getEngine("PyTorch").getVersion(),
                Runtime.getRuntime().availableProcessors());
        try (RandomCheckpoint checkpoint = RandomCheckpoint.write(config, parent);
                NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            Loaded loaded = load(checkpoint, manager, report);
            Map<Kernel, Integer> kernels =
                    KernelCount.of(loaded.network, config.channels().size(), config.latentSize(), TOKENS);
            double forward = forward(loaded.unet, kernels, manager, report);
            double operations = operations(kernels);
            // The thriftier one first: what malloc keeps of the other would count as its peak.
            step(sharing(loaded, checkpoint, true), true, forward, operations, report);
            step(sharing(loaded, checkpoint, false), false, forward, operations, report);
            callOverhead(manager, report);
        }
    }

    private Loaded load(RandomCheckpoint checkpoint, NDManager manager, Report report) {
        PeakMemory.reset();
        Loaded[] loaded = new Loaded[1];
        double opening = Timing.once(() -> loaded[0] = open(checkpoint, manager));
        // Weights are mapped: what they cost shows when they are first read.
        Collection<Parameter> weights = loaded[0].network.parameters();
        double reading = Timing.once(
                () -> weights.forEach(weight -> Scope.run(() -> weight.value().sum())));
        double peak = PeakMemory.bytes();
        double bytes = 4.0
                * weights.stream().mapToLong(weight -> weight.shape().size()).sum();
        report.line(
                "load      %.2f s to open, %.2f s to read all of %.2f GB (in the file cache)",
                opening, reading, bytes / 1e9);
        report.atMost("          peak memory over the file", peak / bytes, 1.2);
        return loaded[0];
    }

    private static Loaded open(RandomCheckpoint checkpoint, NDManager manager) {
        Loaded loaded = declare(checkpoint, false);
        try (WeightFiles files = checkpoint.weights()) {
            NetworkWeights.load(loaded.network, files, manager, DataType.FLOAT32, key -> key);
        }
        return loaded;
    }

    private static Loaded declare(RandomCheckpoint checkpoint, boolean checkpointing) {
        Network network = new Network("unet");
        return new Loaded(network, new UNet(network, UnetConfig.read(checkpoint.config()), checkpointing));
    }

    /** Seconds of a forward pass, in the light of the bare kernels that it is made of. */
    private double forward(UNet unet, Map<Kernel, Integer> kernels, NDManager manager, Report report) {
        NDArray latents = latents(manager, 2);
        Map<String, NDArray> text = text(manager);
        PeakMemory.reset();
        double seconds =
                Timing.median(config.repeats(), () -> Gradients.off(() -> unet.forward(latents, TIMESTEP, text)));
        double peak = PeakMemory.bytes();
        double operations = operations(kernels);
        report.line(
                "forward   %.2f s, %.0f GFLOP, %.1f GFLOP/s, peak %.2f GB",
                seconds, operations / 1e9, operations / seconds / 1e9, peak / 1e9);
        double bare = 0;
        for (Class<?> kind : Kernel.class.getPermittedSubclasses()) {
            bare += bare(kind, kernels, manager, report);
        }
        report.line("  bare    %.2f s all, %.1f GFLOP/s", bare, operations / bare / 1e9);
        report.atLeast("          forward over bare kernels, GFLOP/s", bare / seconds, 0.85);
        return seconds;
    }

    private double bare(Class<?> kind, Map<Kernel, Integer> kernels, NDManager manager, Report report) {
        double[] sums = new double[2];
        kernels.forEach((kernel, count) -> {
            if (kind.isInstance(kernel)) {
                sums[0] += count * seconds(kernel, manager);
                sums[1] += count * kernel.operations();
            }
        });
        report.line(
                "  bare    %.2f s %s, %.0f GFLOP, %.1f GFLOP/s",
                sums[0], kind.getSimpleName().toLowerCase(Locale.ROOT), sums[1] / 1e9, sums[1] / sums[0] / 1e9);
        return sums[0];
    }

    private double seconds(Kernel kernel, NDManager parentManager) {
        try (NDManager manager = parentManager.newSubManager()) {
            var call = kernel.call(manager);
            return Timing.medianOfShort(config.repeats(), () -> Gradients.off(call));
        }
    }

    private static double operations(Map<Kernel, Integer> kernels) {
        return kernels.entrySet().stream()
                .mapToDouble(e -> e.getValue() * e.getKey().operations())
                .sum();
    }

    /** A network of the same weights, which are in memory once. */
    private static Loaded sharing(Loaded original, RandomCheckpoint checkpoint, boolean checkpointing) {
        Loaded copy = declare(checkpoint, checkpointing);
        original.network
                .parameters()
                .forEach(weight -> copy.network.parameter(weight.key()).set(weight.value()));
        return copy;
    }

    /** Forward and backward with low-rank adapters; their share of the operations is not counted. */
    private void step(Loaded loaded, boolean checkpointing, double forward, double operations, Report report) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                LoraTuning tuning = new LoraTuning(loaded.network, lora(), new RandomStreams(1), manager)) {
            NDArray latents = latents(manager, 2);
            NDArray cotangent = latents(manager, 3);
            Map<String, NDArray> text = text(manager);
            PeakMemory.reset();
            double seconds = Timing.median(
                    config.repeats(),
                    () -> Gradients.record(recording -> {
                        recording.backward(loaded.unet.forward(latents, TIMESTEP, text), cotangent);
                        return tuning;
                    }));
            double peak = PeakMemory.bytes();
            // Weights are frozen: backward has the operations of the forward pass once more, recomputation again.
            double passes = checkpointing ? 3 : 2;
            report.line(
                    "LoRA step %.2f s %s checkpointing, about %.1f GFLOP/s",
                    seconds, checkpointing ? "with" : "without", passes * operations / seconds / 1e9);
            report.atMost("          over the forward", seconds / forward, checkpointing ? 3.1 : 2.2);
            report.atMost("          peak memory in GB", peak / 1e9, checkpointing ? 5.0 : 6.5);
        }
    }

    private TuningSpec.Lora lora() {
        List<String> targets = List.of("to_q", "to_k", "to_v", "to_out.0");
        return new TuningSpec.Lora(
                List.of("unet"), config.rank(), config.rank(), targets, TuningSpec.Lora.Init.GAUSSIAN);
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

    private NDArray latents(NDManager manager, long seed) {
        return Kernels.randn(manager, seed, new Shape(1, 4, config.latentSize(), config.latentSize()));
    }

    private Map<String, NDArray> text(NDManager manager) {
        return Map.of("encoder_hidden_states", Kernels.randn(manager, 5, new Shape(1, TOKENS, config.textWidth())));
    }
}
