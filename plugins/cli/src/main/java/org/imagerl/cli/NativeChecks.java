package org.imagerl.cli;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.Utils;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.config.ConfigKeys;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Part;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Reward;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.CacheFolder;
import org.imagerl.toolkit.tensor.Kernels;

/** What {@code doctor} asks the native libraries: by computing something with each. */
final class NativeChecks {
    private static final String UNPACKED =
            "natives are unpacked to ~/.djl.ai (or DJL_CACHE_DIR) and ~/.cache/imagerl (or IMAGERL_CACHE_DIR): they"
                    + " must be writable and not mounted noexec; they need glibc 2.28 or newer, not musl";

    private NativeChecks() {}

    static Finding engine() {
        try {
            Engine engine = Engine.getEngine("PyTorch");
            String found = "PyTorch " + engine.getVersion() + " by DJL " + Engine.getDjlVersion();
            return computes(engine, Device.cpu())
                    ? Finding.ok("engine", found + " computes")
                    : Finding.broken("engine", found + " computes wrong numbers", "report this machine's processor");
        } catch (EngineException | LinkageError | IllegalStateException e) {
            return Finding.broken("engine", e, UNPACKED);
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

    static Finding gpu() {
        try {
            Engine engine = Engine.getEngine("PyTorch");
            int gpus = engine.getGpuCount();
            if (gpus > 0) {
                return gpu(engine, gpus);
            }
            return Files.exists(Path.of("/proc/driver/nvidia/version"))
                    ? Finding.warning(
                            "gpu",
                            "there is an NVIDIA driver, but PyTorch sees no CUDA GPU",
                            "name the libraries of a PyTorch for CUDA in PYTORCH_LIBRARY_PATH, see docs/gpu.md")
                    : Finding.ok("gpu", "none; everything runs on the processor");
        } catch (EngineException | LinkageError | IllegalStateException e) {
            return Finding.warning("gpu", "unknown, because the engine does not load", "repair the engine first");
        }
    }

    private static Finding gpu(Engine engine, int gpus) {
        String remedy = "take a PyTorch that is built for this card, see docs/gpu.md, or device: cpu";
        try {
            long bytes = CudaUtils.getGpuMemory(Device.gpu(0)).getMax();
            String found = gpus + " CUDA GPUs, the first with " + Memory.gigabytes(bytes);
            return computes(engine, Device.gpu(0))
                    ? Finding.ok("gpu", found + ", computes")
                    : Finding.broken("gpu", found + ", computes wrong numbers", remedy);
        } catch (EngineException e) {
            return Finding.broken("gpu", e, remedy);
        }
    }

    /** By reflection: the library comes with the module that has the text encoders, which this one does not see. */
    static Finding tokenizers() {
        try {
            Class.forName("ai.djl.huggingface.tokenizers.jni.LibUtils")
                    .getMethod("checkStatus")
                    .invoke(null);
            return Finding.ok("tokenizers", "the native library loads");
        } catch (ClassNotFoundException e) {
            return Finding.warning("tokenizers", "not installed", "put imagerl-diffusion and what it needs into lib/");
        } catch (InvocationTargetException | LinkageError e) {
            return Finding.broken("tokenizers", e, UNPACKED);
        } catch (ReflectiveOperationException e) {
            return Finding.warning("tokenizers", "cannot be asked: " + e, "");
        }
    }

    /** Code is loaded from these folders: nobody else may put any there. */
    static Finding caches() {
        try {
            Path own = CacheFolder.open().path();
            Path djl = CacheFolder.open(Utils.getCacheDir()).path();
            return Finding.ok("caches", own + " and " + djl + " are the user's own");
        } catch (IOException e) {
            String reason = e instanceof FileSystemException ? "cannot be written: " + e : e.getMessage();
            return Finding.warning(
                    "caches",
                    String.valueOf(reason),
                    "native libraries are kept there; name folders of your own in " + CacheFolder.VARIABLE
                            + " and DJL_CACHE_DIR, or chmod 700 these");
        }
    }

    /** By reflection, as {@link #tokenizers}. The variable keeps a library that has telemetry quiet. */
    static Finding telemetry() {
        try {
            Object sender = Class.forName("org.imagerl.rewards.onnx.OnnxNatives")
                    .getMethod("telemetry")
                    .invoke(null);
            boolean quiet = "1".equals(System.getenv("ORT_DISABLE_TELEMETRY"));
            return sender.equals("")
                    ? Finding.ok("telemetry", "none in ONNX Runtime")
                    : Finding.warning(
                            "telemetry",
                            "this ONNX Runtime has some in it (" + sender + ")" + (quiet ? ", switched off" : ""),
                            "take the version that is shipped" + (quiet ? "" : ", or export ORT_DISABLE_TELEMETRY=1"));
        } catch (ClassNotFoundException e) {
            return Finding.ok("telemetry", "ONNX Runtime is not installed");
        } catch (ReflectiveOperationException | LinkageError e) {
            return Finding.broken("telemetry", e, UNPACKED);
        }
    }

    /** Makes every reward that needs no settings, which loads its models and libraries. */
    static List<Finding> rewards(Session session) {
        List<Finding> findings = new ArrayList<>();
        Context context = session.context("cpu", 1);
        session.registry().factories(Kind.REWARD).forEach((name, factory) -> {
            if (ConfigKeys.of(factory).stream().noneMatch(key -> key.value().equals("required"))) {
                findings.add(reward(name, factory, context));
            }
        });
        return findings;
    }

    private static Finding reward(String name, Factory<? extends Reward, ?> factory, Context context) {
        try (Reward reward = Part.<Reward>of(factory).create(context)) {
            return Finding.ok("reward", name + " loads (" + reward.spec().unit() + ")");
        } catch (UserException e) {
            return Finding.warning("reward", name + ": " + e.getMessage(), "");
        } catch (RuntimeException | LinkageError e) {
            Finding failure = Finding.broken("reward", e, "its jars must be in lib/ or plugins/; " + UNPACKED);
            return Finding.broken("reward", name + ": " + failure.found(), failure.remedy());
        }
    }
}
