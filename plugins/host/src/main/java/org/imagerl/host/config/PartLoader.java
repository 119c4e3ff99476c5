package org.imagerl.host.config;

import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.imagerl.host.registry.Part;
import org.imagerl.host.registry.Registry;
import org.imagerl.spi.Pretraining;
import org.jspecify.annotations.Nullable;

/** Reads parts that stand alone, outside a run's configuration. */
public final class PartLoader {
    private static final int MAX_BYTES = 1 << 20;

    private final Registry registry;

    /** Carries the generic type that a pretraining file is bound to. */
    private record PretrainingFile(Part<Pretraining> pretraining) {}

    public PartLoader(Registry registry) {
        this.registry = registry;
    }

    /**
     * Reads a pretraining: a file whose keys are {@code type} and the settings of that type.
     *
     * @param overrides {@code unet.steps=20}: a path of keys and a value as it would stand in the file
     * @throws org.imagerl.spi.UserException with all problems, each as {@code file:line: path: message (value)}
     */
    @SuppressWarnings("unchecked") // bound to exactly this type
    public Part<Pretraining> pretraining(Path file, List<String> overrides) {
        Problems problems = new Problems();
        Node tree = YamlReader.read(TextFile.read(file, MAX_BYTES), file.toString(), problems);
        for (String override : overrides) {
            Node flag = ConfigLoader.flag(override, problems);
            tree = flag == null ? tree : tree == null ? flag : Node.overlay(tree, flag);
        }
        Type type = PretrainingFile.class.getRecordComponents()[0].getGenericType();
        return (Part<Pretraining>) bind(type, tree, problems);
    }

    /**
     * Reads a reward as the command line names it: {@code ocr}, or with settings as in a configuration:
     * {@code {type: ocr, mode: line}}.
     *
     * @throws org.imagerl.spi.UserException with all problems
     */
    public RunConfig.RewardEntry reward(String text) {
        Problems problems = new Problems();
        Node tree = YamlReader.read(text, "--reward " + text, problems);
        return (RunConfig.RewardEntry) bind(RunConfig.RewardEntry.class, tree, problems);
    }

    private Object bind(Type type, @Nullable Node tree, Problems problems) {
        problems.throwIfAny();
        Node expanded = ShortForms.expand(type, Objects.requireNonNull(tree));
        Object bound = new Binder(registry, problems).bind(type, expanded, "");
        problems.throwIfAny();
        return Objects.requireNonNull(bound);
    }
}
