package org.imagerl.latent.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.imagerl.latent.checkpoint.ModelIndex;

/** A checkpoint whose components can be opened by name. */
public interface CheckpointSource {

    /** The path that the user named; for messages. */
    Path path();

    /** Which components there are. */
    ModelIndex index();

    /** The component of a name, such as {@code unet}; whether it is there shows when it is asked for something. */
    ComponentSource component(String name);

    /**
     * Writes the description of the whole into a folder, with those of all components.
     *
     * @param rewritten components whose weights the caller writes
     */
    default void copy(Path target, Set<String> rewritten) throws IOException {
        copyIndex(target.resolve("model_index.json"));
        for (String name : new TreeSet<>(index().components().keySet())) {
            component(name).copy(target.resolve(name), !rewritten.contains(name));
        }
    }

    /** Writes the {@code model_index.json}. */
    void copyIndex(Path target) throws IOException;

    /** A folder in the layout of diffusers. */
    static CheckpointSource folder(Path path) {
        return new Folder(path, ModelIndex.read(path));
    }

    /** See {@link #folder}. */
    record Folder(Path path, ModelIndex index) implements CheckpointSource {

        @Override
        public ComponentSource component(String name) {
            return new FolderComponent(path.resolve(name));
        }

        @Override
        public void copyIndex(Path target) throws IOException {
            Files.copy(path.resolve("model_index.json"), target);
        }
    }
}
