package org.imagerl.rewards.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.imagerl.spi.Context;
import org.imagerl.spi.UserException;

/**
 * Where ONNX models run. Chosen once per reward, so that a fall-back is said once.
 *
 * @param cuda the index of the GPU, or {@link #CPU}
 * @param checking whether models are opened only to find what is wrong with them: on the CPU, as they are, so that weights
 *     in a file of their own are not read
 */
public record OnnxDevice(int cuda, boolean checking) {
    /** The index that means no GPU. */
    public static final int CPU = -1;

    private static final Pattern CUDA = Pattern.compile("cuda:(\\d{1,3})");

    /** A device for models that work. */
    public OnnxDevice(int cuda) {
        this(cuda, false);
    }

    /**
     * Chooses a device.
     *
     * @param wanted {@code cpu}; {@code cuda:N}, which fails if that GPU cannot be used; or {@code auto}: the CPU if the run is on
     *     the CPU, else the GPU of the run (the first if it is {@code auto} as well) if that works, else the CPU, with a line that says what to do if
     *     there is a GPU or one was asked for
     * @throws UserException if the device is none of these, or cannot be used
     */
    public static OnnxDevice choose(String wanted, Context context) {
        return new OnnxDevice(chosen(wanted, context).cuda, context.checking());
    }

    private static OnnxDevice chosen(String wanted, Context context) {
        OnnxNatives.prepare(context.warnings());
        if (wanted.equals("auto")) {
            return context.device().equals("cpu") ? new OnnxDevice(CPU) : gpuOrElseCpu(context);
        }
        if (wanted.equals("cpu")) {
            return new OnnxDevice(CPU);
        }
        OnnxDevice device = new OnnxDevice(cudaIndex(wanted));
        try {
            device.options(1).close();
            return device;
        } catch (OrtException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "device " + wanted + " cannot be used by ONNX Runtime: " + oneLine(e)
                            + "; set device: cpu, or build with mvn -Pcuda (com.microsoft.onnxruntime:onnxruntime_gpu"
                            + " in the place of onnxruntime) and install CUDA 12",
                    e);
        }
    }

    private static OnnxDevice gpuOrElseCpu(Context context) {
        boolean asked = !context.device().equals("auto");
        if (!asked && !hasGpu()) {
            return new OnnxDevice(CPU); // nothing to be done, nothing to be said
        }
        OnnxDevice gpu = new OnnxDevice(asked ? cudaIndex(context.device()) : 0);
        try {
            gpu.options(1).close();
            return gpu;
        } catch (OrtException e) {
            context.warnings().accept(onTheCpu(hasCuda(), oneLine(e)));
            return new OnnxDevice(CPU);
        }
    }

    /** A notice for a machine with a GPU that rewards cannot use, with what to do; this is not an error. */
    static String onTheCpu(boolean hasCuda, String reason) {
        return "rewards run on the CPU, which is slower and gives the same scores; for the GPU "
                + (hasCuda
                        ? "install CUDA 12 and cuDNN 9 (ONNX Runtime says: " + reason + ")"
                        : "build with mvn -Pcuda package, as this build of ONNX Runtime is for the CPU")
                + "; to leave it so without this line, give the rewards device: cpu";
    }

    private static boolean hasCuda() {
        return OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA);
    }

    /** Whether a driver of NVIDIA is there, on Linux or Windows. */
    private static boolean hasGpu() {
        return Files.exists(Path.of("/dev/nvidia0"))
                || Files.exists(Path.of("/proc/driver/nvidia/version"))
                || Files.exists(
                        Path.of(System.getenv().getOrDefault("SystemRoot", "C:\\Windows"), "System32", "nvcuda.dll"));
    }

    private static int cudaIndex(String device) {
        Matcher matcher = CUDA.matcher(device);
        if (!matcher.matches()) {
            throw UserException.input(
                    "device is '" + device + "'; it must be auto, cpu or cuda:N, for instance cuda:0");
        }
        return Integer.parseInt(matcher.group(1));
    }

    /**
     * Session options for this device; the caller closes them.
     *
     * @param threads that one run may use
     */
    SessionOptions options(int threads) throws OrtException {
        environment(); // without one the CUDA provider cannot be loaded: it has no log to write to
        SessionOptions options = new SessionOptions();
        try {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            options.addConfigEntry(
                    "session.intra_op.allow_spinning", "0"); // waiting threads leave the cores to the training
            options.setMemoryPatternOptimization(
                    false); // sizes vary; with CUDA and many threads it leaks (onnxruntime#29351)
            if (checking) {
                options.setOptimizationLevel(OptLevel.NO_OPT);
                options.addConfigEntry("session.disable_prepacking", "1");
            } else if (cuda != CPU) {
                addCuda(options);
            }
            return options;
        } catch (OrtException e) {
            options.close();
            throw e;
        }
    }

    private void addCuda(SessionOptions options) throws OrtException {
        try (OrtCUDAProviderOptions provider = new OrtCUDAProviderOptions(cuda)) {
            provider.add("cudnn_conv_algo_search", "HEURISTIC"); // an exhaustive search per new width takes seconds
            provider.add("use_tf32", "0"); // scores as on the CPU
            provider.add("arena_extend_strategy", "kSameAsRequested"); // doubling would take the training's memory
            options.addCUDA(provider);
        }
    }

    /** The one environment of the process; what it cannot do it says by exceptions, so it need not write to stderr. */
    static OrtEnvironment environment() throws OrtException {
        OnnxNatives.prepare(line -> {});
        OrtEnvironment environment = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "imagerl");
        environment.setTelemetry(false);
        return environment;
    }

    /** The reason alone, without where in the sources of ONNX Runtime it arose. */
    static String oneLine(OrtException e) {
        String message = String.valueOf(e.getMessage())
                .replaceFirst("^Error code - \\w+ - message: ", "")
                .replaceFirst("/onnxruntime_src/\\S+ .*?\\) ", "")
                .replaceFirst("\\[ONNXRuntimeError\\] : \\d+ : \\w+ : ", "");
        return message.lines().findFirst().orElse("no reason given").strip();
    }
}
