package org.imagerl.spi.lora;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * A layout in which adapters are kept: how the tensors of the layers are named, where alpha is, and in which files. What is written is
 * recognised by the layout that wrote it and by no other. Errors of files are {@link org.imagerl.spi.UserException}s that name the file
 * and the key.
 */
public interface LoraLayout {

    /** Kebab-case name, as {@code export --format} takes it: {@code diffusers}. */
    String name();

    /** One line: the files it has, and the tools that read them. */
    String description();

    /** Whether a file whose tensors have these names is an adapter in this layout, wholly or in part. */
    boolean recognises(Collection<String> names);

    /**
     * Whether this takes any names that end as those of matrices do. It is asked only if no other layout recognises a file, and there is one
     * such layout.
     */
    default boolean general() {
        return false;
    }

    /** Whether an adapter is written as a folder, not as one file. */
    default boolean folder() {
        return false;
    }

    /**
     * The files of an adapter: of a folder those in it by which it is an adapter of this layout, none if it is not; of a file itself and
     * those beside it that belong to it. A folder of one file needs no layout that knows folders.
     */
    default List<Path> files(Path path) {
        return Files.isDirectory(path) ? List.of() : List.of(path);
    }

    /**
     * Reads an adapter.
     *
     * @param path a file that this {@link #recognises}, or a folder that has {@link #files}
     * @param layers the layers of the model that the adapter is for, path to the shape of the weight {@code [out, in]} or
     *     {@code [out, in, kh, kw]}; empty if the model is not known
     * @param files opens the files; their content is a stranger's
     * @throws org.imagerl.spi.UserException if it is damaged, incomplete or of another kind, or if the model must be known and is not
     */
    LoraWeights read(Path path, Map<String, Shape> layers, TensorFiles files);

    /**
     * Writes an adapter; what it has of configuration and metadata is kept as far as the layout has a place for it.
     *
     * @param target a {@code .safetensors} file, or a folder if this is a {@link #folder}; does not exist yet
     * @throws org.imagerl.spi.UserException if it cannot be written, or has layers that the layout has no names for
     */
    void write(Path target, LoraWeights weights, Writing writing, TensorFiles files);

    /**
     * A summary of the adapter in a file, for people. By default the adapter is read without a model.
     *
     * @param file that this {@link #recognises}
     */
    default LoraSummary summary(TensorFile file, TensorFiles files) {
        return LoraSummary.of(read(file.path(), Map.of(), files), List.of("loaded by: imagerl"));
    }

    /**
     * How to write.
     *
     * @param dtype of the matrices, FLOAT32 or FLOAT16
     * @param layers the layers of the model that the adapter is for, as in {@link #read}
     */
    record Writing(DataType dtype, Map<String, Shape> layers) {

        /** Refuses other types. */
        public Writing {
            if (dtype != DataType.FLOAT32 && dtype != DataType.FLOAT16) {
                throw new IllegalArgumentException("adapters are written in FLOAT32 or FLOAT16, not " + dtype);
            }
            layers = Map.copyOf(layers);
        }
    }
}
