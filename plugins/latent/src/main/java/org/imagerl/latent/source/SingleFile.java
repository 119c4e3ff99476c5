package org.imagerl.latent.source;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.imagerl.hub.tokenizer.PublishedVocabulary;
import org.imagerl.latent.checkpoint.ConfigJson;
import org.imagerl.latent.checkpoint.ModelIndex;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.spi.io.StrictJson;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import tools.jackson.databind.node.ObjectNode;

/**
 * A checkpoint in a single file, with the components that were named beside it.
 *
 * @param path the file
 * @param index what the model_index.json of such a checkpoint would say
 * @param components by name
 */
public record SingleFile(Path path, ModelIndex index, Map<String, ComponentSource> components)
        implements CheckpointSource {

    /** Keeps its own copy of the map. */
    public SingleFile {
        components = Map.copyOf(components);
    }

    /**
     * Finds all components.
     *
     * @param given by name: what the user names in place of what the file has, or because it lacks it
     * @param notes takes one line per component that is missing and can be done without, and one for tensors that nobody uses
     * @throws UserException listing what is missing, with where it is to be had from
     */
    public static SingleFile open(Path path, SingleFileKind kind, Map<String, Path> given, Consumer<String> notes) {
        GivenComponents.requireKnown(given, kind);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            return new Finder(path, file, kind, given, notes).find();
        }
    }

    @Override
    public ComponentSource component(String name) {
        ComponentSource component = components.get(name);
        if (component == null) {
            throw UserException.input(path + ": has no component \"" + name + "\"");
        }
        return component;
    }

    @Override
    public void copyIndex(Path target) {
        ObjectNode node = ConfigJson.diffusers(index.className());
        new TreeMap<>(index.components())
                .forEach((name, type) -> node.putArray(name).add(type.library()).add(type.className()));
        new TreeMap<>(index.flags()).forEach(node::put);
        AtomicFile.writeText(target, StrictJson.indented(node) + "\n");
    }

    /** Looks for the components of one file. */
    private static final class Finder {
        private final Path path;
        private final SafetensorsFile file;
        private final SingleFileKind kind;
        private final Map<String, Path> given;
        private final Consumer<String> notes;
        private final Map<String, ComponentSource> found = new TreeMap<>();
        private final Map<String, ModelIndex.Component> classes = new LinkedHashMap<>();
        private final List<String> missing = new ArrayList<>();

        Finder(Path path, SafetensorsFile file, SingleFileKind kind, Map<String, Path> given, Consumer<String> notes) {
            this.path = path;
            this.file = file;
            this.kind = kind;
            this.given = given;
            this.notes = notes;
        }

        SingleFile find() {
            UnusedTensors.note(file, kind).ifPresent(notes);
            kind.parts().forEach(this::part);
            kind.tokenizers().forEach(this::tokenizer);
            scheduler();
            if (!missing.isEmpty()) {
                throw UserException.input(path + ": is " + kind.title() + ", and these components are not in the file:"
                        + String.join("", missing)
                        + "\n  name them: --component NAME=PATH, or in the configuration of a run"
                        + " model.components.NAME; a whole checkpoint folder does for each of them");
            }
            Optional<ModelIndex> whole = Optional.ofNullable(given.get(SingleFileKind.CONFIG))
                    .filter(folder -> Files.exists(folder.resolve("model_index.json")))
                    .map(ModelIndex::read);
            ModelIndex index = new ModelIndex(
                    path,
                    kind.pipeline(),
                    classes,
                    whole.map(ModelIndex::flags).orElse(kind.flags()),
                    whole.flatMap(ModelIndex::maxSequenceLength),
                    List.of());
            return new SingleFile(path, index, found);
        }

        /** The folder of a component in the checkpoint folder that describes the file, if it has that file. */
        private Optional<Path> described(String name, String needed) {
            return Optional.ofNullable(given.get(SingleFileKind.CONFIG))
                    .map(folder -> folder.resolve(name))
                    .filter(folder -> Files.exists(folder.resolve(needed)));
        }

        private void part(SingleFileKind.Part part) {
            Path named = given.get(part.name());
            Optional<Path> own = described(part.name(), "config.json");
            Optional<ComponentSource> source = named != null
                    ? Optional.of(GivenComponents.network(part.name(), named, part.format()))
                    : part.format()
                            .find(file)
                            .<ComponentSource>map(inside -> new FileComponent(path, part.name(), inside, own))
                            .or(() -> own.map(FolderComponent::new));
            if (source.isPresent()) {
                put(part.name(), part.library(), part.className(), source.get());
            } else if (part.optional()) {
                notes.accept(path + ": has no " + part.name() + ": " + part.remedy());
            } else {
                missing.add("\n  " + part.name() + ": " + part.remedy());
            }
        }

        private void tokenizer(SingleFileKind.Tokenizer tokenizer) {
            if (!found.containsKey(tokenizer.encoder()) && isOptional(tokenizer.encoder())) {
                return;
            }
            Path own = given.getOrDefault(
                    tokenizer.name(), described(tokenizer.name(), "").orElse(null));
            Path named = own == null ? tokenizer.like().map(given::get).orElse(null) : own;
            if (named == null) {
                if (tokenizer.isClip() && hasPublishedVocabulary(tokenizer.encoder())) {
                    put(tokenizer.name(), "transformers", tokenizer.className(), new PublishedClip(tokenizer.pad()));
                } else if (tokenizer.like().isEmpty()) {
                    missing.add("\n  " + tokenizer.name() + ": no single file has one; " + tokenizer.remedy());
                }
                return;
            }
            // Whoever names a second tokenizer knows its padding; the vocabulary of the first is used in another way.
            boolean itsOwn = own != null && (tokenizer.like().isPresent() || !given.containsKey(tokenizer.name()));
            Optional<String> pad = itsOwn ? Optional.empty() : tokenizer.pad();
            put(
                    tokenizer.name(),
                    "transformers",
                    tokenizer.className(),
                    GivenComponents.tokenizer(tokenizer.name(), named, pad));
        }

        /** True also for an encoder that is missing, so that the user is asked for that alone. */
        private boolean hasPublishedVocabulary(String encoder) {
            ComponentSource source = found.get(encoder);
            int size = PublishedVocabulary.SIZE;
            return source == null
                    || source.config("config.json").integer("vocab_size", size, 1, Integer.MAX_VALUE) == size;
        }

        private boolean isOptional(String encoder) {
            return kind.parts().stream().anyMatch(part -> part.name().equals(encoder) && part.optional());
        }

        private void scheduler() {
            Path named = given.getOrDefault(
                    "scheduler", described("scheduler", "scheduler_config.json").orElse(null));
            ComponentSource source = named == null
                    ? new Description(Path.of(path + " (scheduler)"), kind.scheduler())
                    : GivenComponents.scheduler(named);
            String className = source.config("scheduler_config.json").text("_class_name", "DDIMScheduler");
            put("scheduler", "diffusers", className, source);
        }

        private void put(String name, String library, String className, ComponentSource source) {
            found.put(name, source);
            classes.put(name, new ModelIndex.Component(library, className));
        }
    }
}
