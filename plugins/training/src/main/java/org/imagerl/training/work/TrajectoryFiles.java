package org.imagerl.training.work;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.spi.TransitionKernel;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.IoProblems;
import org.imagerl.spi.io.ScratchFolder;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.safetensors.SafetensorsWriter;
import org.imagerl.toolkit.safetensors.TensorEntry;
import org.imagerl.toolkit.safetensors.TensorSource;
import org.imagerl.toolkit.sampling.KernelSpec;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/**
 * Trajectories as safetensors: {@code state.0} to {@code state.T}, {@code log_density.N}, {@code noise.N}, {@code positive.NAME} and
 * {@code negative.NAME}, with the prompts and the specification of the kernels in the header.
 */
public final class TrajectoryFiles {
    private static final String HEADER = "imagerl.trajectories";
    private static final String STATE = "state.";
    private static final String DENSITY = "log_density.";
    private static final String NOISE = "noise.";
    private static final String POSITIVE = "positive.";
    private static final String NEGATIVE = "negative.";

    /** What is no tensor. */
    private record TrajectoryHeader(KernelSpec kernel, List<Prompt> prompts) {}

    private TrajectoryFiles() {}

    /**
     * Writes a file, whole or not at all.
     *
     * @param kernel that the transitions are of
     * @param dtype of states and noises: F32 keeps them to the bit, F16 rounds them to half the size. Log-densities and conditioning are kept to the
     *     bit: ratios near 1 are differences of log-densities, which float16 would not resolve
     */
    public static void write(Path file, Trajectories trajectories, KernelSpec kernel, DType dtype) {
        if (dtype != DType.F32 && dtype != DType.F16) {
            throw new IllegalArgumentException("trajectories are written as F32 or F16, not as " + dtype);
        }
        SafetensorsWriter.write(file, tensors(trajectories, dtype), header(trajectories, kernel));
    }

    private static List<TensorSource> tensors(Trajectories trajectories, DType dtype) {
        List<TensorSource> tensors = new ArrayList<>();
        add(tensors, STATE, trajectories.states(), dtype);
        add(tensors, NOISE, trajectories.noises(), dtype);
        add(tensors, DENSITY, trajectories.logDensities(), DType.F32);
        add(tensors, POSITIVE, trajectories.conditioning().positive());
        add(tensors, NEGATIVE, trajectories.conditioning().negative());
        return tensors;
    }

    private static Map<String, String> header(Trajectories trajectories, KernelSpec kernel) {
        TrajectoryHeader header = new TrajectoryHeader(kernel, trajectories.prompts());
        return Map.of(HEADER, new String(WorkFormat.write(header), StandardCharsets.UTF_8));
    }

    /** The file of trajectories, to the bit, in parts that every transport takes. */
    public static List<byte[]> bytes(Trajectories trajectories, KernelSpec kernel) {
        return SafetensorsWriter.parts(
                tensors(trajectories, DType.F32), header(trajectories, kernel), FloatParts.MAX_BYTES);
    }

    /** The trajectories of what {@link #bytes} gave. */
    public static Trajectories of(
            List<byte[]> parts, NDManager manager, Function<KernelSpec, TransitionKernel> kernels) {
        try (ScratchFolder scratch = ScratchFolder.create()) {
            Path file = scratch.path().resolve("trajectories.safetensors");
            try (OutputStream out = Files.newOutputStream(file)) {
                for (byte[] part : parts) {
                    out.write(part);
                }
            } catch (IOException e) {
                throw IoProblems.writing(file, e);
            }
            return read(file, manager, kernels);
        }
    }

    private static void add(List<TensorSource> to, String kind, List<@Nullable NDArray> steps, DType dtype) {
        for (int step = 0; step < steps.size(); step++) {
            NDArray tensor = steps.get(step);
            if (tensor != null) {
                to.add(NetworkWeights.source(kind + step, tensor, dtype));
            }
        }
    }

    private static void add(List<TensorSource> to, String kind, Map<String, NDArray> conditioning) {
        conditioning.forEach((name, tensor) -> {
            DType own = Stream.of(DType.F32, DType.F16)
                    .filter(dtype -> dtype.djl() == tensor.getDataType())
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "the conditioning " + name + " is of " + tensor.getDataType()));
            to.add(NetworkWeights.source(kind + name, tensor, own));
        });
    }

    /**
     * Reads a file.
     *
     * @param manager owns the tensors
     * @param kernels makes the kernels of a specification
     * @throws UserException if it is no such file or not whole
     */
    public static Trajectories read(Path path, NDManager manager, Function<KernelSpec, TransitionKernel> kernels) {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            String json = file.metadata().get(HEADER);
            if (json == null) {
                throw UserException.input(path + ": is no file of trajectories: its header has no " + HEADER);
            }
            TrajectoryHeader header = WorkFormat.read(
                    TrajectoryHeader.class, json.getBytes(StandardCharsets.UTF_8), path + ": " + HEADER);
            file.entries().forEach(entry -> check(path, entry, header));
            int steps = header.kernel.steps();
            file.entry(STATE + steps);
            Trajectories read = Gradients.off(() -> new Trajectories(
                    kernels.apply(header.kernel),
                    header.prompts,
                    new Conditioning(all(file, POSITIVE, manager), all(file, NEGATIVE, manager)),
                    steps(file, STATE, steps + 1, manager),
                    steps(file, DENSITY, steps, manager),
                    steps(file, NOISE, steps, manager)));
            file.requireUnchanged();
            return read;
        }
    }

    private static void check(Path path, TensorEntry entry, TrajectoryHeader header) {
        Shape shape = entry.shape();
        if (shape.dimension() == 0 || shape.get(0) != header.prompts.size()) {
            throw UserException.input(path + ": tensor " + Quote.of(entry.name()) + " has the shape " + shape
                    + ", but there are " + header.prompts.size() + " prompts");
        }
    }

    private static List<@Nullable NDArray> steps(SafetensorsFile file, String kind, int count, NDManager manager) {
        List<@Nullable NDArray> steps = new ArrayList<>(Collections.nCopies(count, null));
        for (int step = 0; step < count; step++) {
            if (file.has(kind + step)) {
                steps.set(step, tensor(file, kind + step, DataType.FLOAT32, manager));
            }
        }
        return steps;
    }

    private static Map<String, NDArray> all(SafetensorsFile file, String kind, NDManager manager) {
        Map<String, NDArray> tensors = new TreeMap<>();
        file.names().stream().filter(name -> name.startsWith(kind)).forEach(name -> {
            DataType own = file.entry(name).dtype() == DType.F16 ? DataType.FLOAT16 : DataType.FLOAT32;
            tensors.put(name.substring(kind.length()), tensor(file, name, own, manager));
        });
        return tensors;
    }

    private static NDArray tensor(SafetensorsFile file, String name, DataType dtype, NDManager manager) {
        try (NDManager scratch = manager.newSubManager()) {
            // A copy: to its own type toType makes an array that shares the memory of what the scratch manager frees.
            NDArray tensor = scratch.create(file.floats(name), file.entry(name).shape())
                    .toType(dtype, false)
                    .duplicate();
            tensor.attach(manager);
            return Scope.keep(tensor);
        }
    }
}
