package org.imagerl.cli.train;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.cuda.CudaUtils;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.imagerl.cli.console.Finding;
import org.imagerl.cli.torch.Machine;
import org.imagerl.spi.work.Memory;
import org.imagerl.toolkit.tensor.Float32Precision;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.TorchEngine;

/** The checks of {@code doctor} on PyTorch: it computes something with it. */
public final class EngineChecks {
    private EngineChecks() {}

    /**
     * The engine, and GPUs that it sees.
     *
     * @param yes asks the user a question
     */
    public static List<Finding> all(Predicate<String> yes) {
        Optional<Finding> absent =
                EngineDownload.ofThisMachine().flatMap(download -> download.settle(yes, () -> TorchEngine.get()));
        return absent.map(List::of).orElseGet(() -> List.of(engine(), gpu()));
    }

    private static Finding engine() {
        try {
            Engine engine = TorchEngine.get();
            String found = "PyTorch " + engine.getVersion() + " by DJL " + Engine.getDjlVersion();
            return computes(engine, Device.cpu())
                    ? Finding.ok("engine", found + " computes")
                    : Finding.broken("engine", found + " computes wrong numbers", "report this machine's processor");
        } catch (EngineException | LinkageError | IllegalStateException e) {
            return Finding.broken("engine", e, Finding.UNPACKED);
        }
    }

    private static boolean computes(Engine engine, Device device) {
        try (NDManager manager = engine.newBaseManager(device);
                NDArray ones = manager.ones(new Shape(2, 2));
                NDArray two = ones.matMul(ones);
                NDArray activated = Kernels.silu(two)) {
            return two.getFloat(1, 1) == 2f && Math.abs(activated.getFloat(0, 0) - 1.7615942f) < 1e-6f;
        }
    }

    private static Finding gpu() {
        try {
            Engine engine = TorchEngine.get();
            int gpus = engine.getGpuCount();
            if (gpus > 0) {
                return gpu(engine, gpus);
            }
            return Machine.hasDriver()
                    ? Finding.warning(
                            "gpu",
                            "there is an NVIDIA driver, but PyTorch sees no CUDA GPU",
                            "use one for CUDA: imagerl --torch PATH, or ./imagerl --cuda, see docs/gpu.md")
                    : Finding.ok("gpu", "none; everything runs on the processor");
        } catch (EngineException | LinkageError | IllegalStateException e) {
            return Finding.warning("gpu", "unknown, because the engine does not load", "repair the engine first");
        }
    }

    private static Finding gpu(Engine engine, int gpus) {
        String remedy = "take a PyTorch that is built for this card, see docs/gpu.md, or device: cpu";
        try {
            long bytes = CudaUtils.getGpuMemory(Device.gpu(0)).getMax();
            String precision = Float32Precision.of(System.getenv())
                    .map(Float32Precision::text)
                    .orElse("PyTorch's default");
            String found = gpus + " CUDA GPUs, the first with " + Memory.gigabytes(bytes) + ", precision " + precision;
            return computes(engine, Device.gpu(0))
                    ? Finding.ok("gpu", found + ", computes")
                    : Finding.broken("gpu", found + ", computes wrong numbers", remedy);
        } catch (EngineException e) {
            return Finding.broken("gpu", e, remedy);
        }
    }
}
