package org.imagerl.latent.source;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.imagerl.latent.checkpoint.ModelIndex;
import org.imagerl.spi.UserException;

/**
 * A checkpoint folder with components from elsewhere in place of its own.
 *
 * @param folder the checkpoint
 * @param others by name
 */
public record OtherComponents(CheckpointSource folder, Map<String, ComponentSource> others)
        implements CheckpointSource {

    /** Keeps its own copy of the map. */
    public OtherComponents {
        others = Map.copyOf(others);
    }

    /**
     * Opens what is named.
     *
     * @param kind that the folder would be as a single file: it says how files hold a component; empty: there is none
     * @param given name to file or folder
     * @throws UserException for a name that no such checkpoint has, and for a path with no such component
     */
    public static OtherComponents of(CheckpointSource folder, Optional<SingleFileKind> kind, Map<String, Path> given) {
        if (kind.isEmpty()) {
            throw UserException.input(
                    folder.path() + ": components of " + folder.index().className()
                            + " cannot be named apart from it; leave --component (model.components) out");
        }
        GivenComponents.requireKnown(given, kind.get());
        Map<String, ComponentSource> others = new TreeMap<>();
        given.forEach((name, path) -> others.put(name, source(kind.get(), name, path)));
        for (String name : given.keySet()) {
            if (!folder.index().has(name)) {
                throw UserException.input(folder.path() + ": has no component \"" + name
                        + "\" in whose place another could be taken (component " + name + ")");
            }
        }
        return new OtherComponents(folder, others);
    }

    private static ComponentSource source(SingleFileKind kind, String name, Path path) {
        if (name.equals(SingleFileKind.CONFIG)) {
            throw UserException.input(path + ": component \"" + name
                    + "\" describes a single file; a checkpoint folder describes itself");
        }
        if (name.equals("scheduler")) {
            return GivenComponents.scheduler(path);
        }
        return kind.parts().stream()
                .filter(part -> part.name().equals(name))
                .findFirst()
                .map(part -> GivenComponents.network(name, path, part.format()))
                .orElseGet(() -> GivenComponents.tokenizer(name, path, Optional.empty()));
    }

    @Override
    public Path path() {
        return folder.path();
    }

    @Override
    public ModelIndex index() {
        return folder.index();
    }

    @Override
    public ComponentSource component(String name) {
        ComponentSource other = others.get(name);
        return other == null ? folder.component(name) : other;
    }

    @Override
    public void copyIndex(Path target) throws IOException {
        folder.copyIndex(target);
    }
}
