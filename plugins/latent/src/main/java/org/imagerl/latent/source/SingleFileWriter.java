package org.imagerl.latent.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.nn.Parameter;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.original.OriginalKey;
import org.imagerl.toolkit.original.OriginalLayout;
import org.imagerl.toolkit.original.OriginalTensor;
import org.imagerl.toolkit.original.OriginalWeights;
import org.imagerl.toolkit.safetensors.DType;
import org.imagerl.toolkit.safetensors.FloatCodec;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.safetensors.SafetensorsWriter;
import org.imagerl.toolkit.safetensors.TensorEntry;
import org.imagerl.toolkit.safetensors.TensorSource;
import org.jspecify.annotations.Nullable;

/** Writes a checkpoint as a single file in the layout of the model's own code. */
public final class SingleFileWriter {
    private static final int PIECE_BYTES = 1 << 20;

    /** Weights of an earlier moment of the training, which a merge would make those of another model. */
    private static final String AVERAGED = "model_ema.";

    private final List<TensorSource> tensors = new ArrayList<>();
    private final Set<String> written = new HashSet<>();
    private final @Nullable SafetensorsFile original;
    private final Optional<DType> dtype;

    private SingleFileWriter(@Nullable SafetensorsFile original, Optional<DType> dtype) {
        this.original = original;
        this.dtype = dtype;
    }

    /**
     * Writes the components that a single file has, with everything else in it but averaged weights; or all components of a folder.
     *
     * @param source where the checkpoint is from
     * @param format of its family
     * @param networks all of its networks, with their weights
     * @param dtype of all weights; empty: of each as the single file has it (float8 as bfloat16), of a folder those of {@code stored}
     * @param stored the dtype of a component of a folder, by its name
     * @throws UserException if there is no such layout, it has no place for one of the weights, or the file cannot be written
     */
    public static void write(
            Path target,
            CheckpointSource source,
            SingleFileFormat format,
            Collection<ParameterStore> networks,
            String dtype,
            Function<String, DType> stored) {
        Optional<DType> type = dtype.isEmpty() ? Optional.empty() : Optional.of(NetworkWeights.fileType(dtype));
        if (source instanceof SingleFile single) {
            try (SafetensorsFile original = SafetensorsFile.open(single.path())) {
                SingleFileWriter writer = new SingleFileWriter(original, type);
                networks.forEach(network -> writer.addOf(single, network));
                writer.addRest(original);
                SafetensorsWriter.write(target, writer.tensors, metadata(original));
                original.requireUnchanged();
            }
            return;
        }
        SingleFileKind kind = format.kind(source)
                .orElseThrow(() -> UserException.input(
                        source.path() + ": a " + source.index().className()
                                + " has no layout as a single file; write a folder (--merge --out DIR)"));
        List<TensorSource> tensors = new ArrayList<>();
        for (ParameterStore network : networks) {
            DType own = type.orElseGet(() -> stored.apply(network.component()));
            SingleFileWriter writer = new SingleFileWriter(null, Optional.of(own));
            writer.add(kind, network);
            tensors.addAll(writer.tensors);
        }
        SafetensorsWriter.write(target, tensors, Map.of("format", "pt"));
    }

    /** A component as the single file has it; one that was named beside the file stays beside it. */
    private void addOf(SingleFile single, ParameterStore network) {
        if (single.component(network.component()) instanceof FileComponent component
                && component.file().equals(single.path())) {
            add(network, component.found().prefix(), component.found().layout());
        }
    }

    private void add(SingleFileKind kind, ParameterStore network) {
        ComponentFormat format = kind.parts().stream()
                .filter(part -> part.name().equals(network.component()))
                .findFirst()
                .map(SingleFileKind.Part::format)
                .orElseThrow(() -> UserException.input(
                        "a single file of " + kind.title() + " has no place for " + network.component()));
        add(network, format.prefix(), format.layout());
    }

    private void add(ParameterStore network, String prefix, OriginalLayout.Maker layout) {
        OriginalLayout places = layout.apply(network.shapes());
        requireIdentities(network, places);
        OriginalTensor.of(network.shapes(), places)
                .values()
                .forEach(tensor -> tensors.add(source(network, prefix + tensor.name(), tensor)));
    }

    private TensorSource source(ParameterStore network, String name, OriginalTensor tensor) {
        written.add(name);
        DType type = dtype.orElseGet(() -> kept(name));
        return new TensorSource(name, type, tensor.shape(), sink -> {
            for (OriginalTensor.Weight weight : tensor.weights()) {
                Parameter parameter = network.parameter(weight.key());
                sink.write(FloatCodec.encode(
                        weight.place().original(NetworkWeights.floats(parameter), weight.shape()), type));
            }
        });
    }

    private DType kept(String name) {
        DType type =
                original != null && original.has(name) ? original.entry(name).dtype() : DType.F32;
        return type.isEighth() ? DType.BF16 : type == DType.F64 ? DType.F32 : type;
    }

    /** Requires that weights which no file holds have the values that every reader assumes. */
    private static void requireIdentities(ParameterStore network, OriginalLayout layout) {
        for (Parameter parameter : network.parameters()) {
            if (layout.of(parameter.key()).form() == OriginalKey.Form.IDENTITY && !isIdentity(parameter)) {
                throw UserException.input(network.component() + ": " + parameter.key() + " is not the identity matrix,"
                        + " as which a single file of this model has it by leaving it out; write a folder"
                        + " (--merge --out DIR)");
            }
        }
    }

    private static boolean isIdentity(Parameter matrix) {
        float[] values = NetworkWeights.floats(matrix);
        int columns = Math.toIntExact(matrix.shape().get(1));
        for (int i = 0; i < values.length; i++) {
            if (values[i] != (i / columns == i % columns ? 1 : 0)) {
                return false;
            }
        }
        return true;
    }

    /** Adds the tensors that belong to no component, with their bytes as they are. */
    private void addRest(SafetensorsFile file) {
        for (TensorEntry entry : file.entries()) {
            if (!written.contains(entry.name())
                    && !entry.name().startsWith(AVERAGED)
                    && !OriginalWeights.isScale(entry.name())) {
                tensors.add(
                        new TensorSource(entry.name(), entry.dtype(), entry.shape(), sink -> copy(file, entry, sink)));
            }
        }
    }

    private static void copy(SafetensorsFile file, TensorEntry entry, TensorSource.Sink sink) throws IOException {
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
        for (long from = 0; from < entry.bytes(); from += piece.limit()) {
            piece.clear().limit((int) Math.min(PIECE_BYTES, entry.bytes() - from));
            file.readInto(entry.name(), from, piece);
            sink.write(piece.flip());
        }
    }

    /** The strings of the file, but the hashes of the weights that they speak of. */
    private static Map<String, String> metadata(SafetensorsFile file) {
        Map<String, String> metadata = new TreeMap<>(file.metadata());
        metadata.keySet().removeIf(key -> key.contains("hash"));
        metadata.putIfAbsent("format", "pt");
        return metadata;
    }
}
