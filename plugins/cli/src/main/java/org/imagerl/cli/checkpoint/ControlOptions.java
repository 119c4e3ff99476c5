package org.imagerl.cli.checkpoint;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.config.ConfigLoader;
import org.imagerl.config.Overrides;
import org.imagerl.config.registry.BoundPart;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Augmentation;
import org.imagerl.spi.UserException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options for the controls that images are conditioned on beside the prompt. */
final class ControlOptions {
    @Option(
            names = "--control-adapter",
            paramLabel = "DIR",
            description = "A run, or the folder of an adapter, that was trained with controls.")
    private @Nullable Path controlAdapter;

    @Option(
            names = "--control",
            paramLabel = "NAME=CLASS",
            description = "The class of a control for all images. Can be given several times. A field NAME in a prompt "
                    + "file sets it for one prompt.")
    private List<String> controls = List.of();

    @Option(
            names = "--control-strength",
            paramLabel = "GAMMA",
            description = "The control scale gamma, for adapters that were trained with several")
    private @Nullable String controlStrength;

    @Option(
            names = "--control-guidance",
            paramLabel = "SCALE",
            description = "Guidance scale of the controls alone, for twice the cost. Default: the scale of --guidance, "
                    + "for both together")
    private @Nullable Double controlGuidance;

    @Option(
            names = "--augmentation",
            paramLabel = "AUGMENTATION",
            description = "A conditioning beside the prompt, with settings as in a configuration")
    private @Nullable String augmentation;

    /** The augmentation that conditions the checkpoint beside the prompt, or null. */
    @Nullable
    BoundPart<Augmentation> part(Registry registry, double guidance) {
        boolean wanted =
                !controls.isEmpty() || controlStrength != null || controlAdapter != null || controlGuidance != null;
        if (augmentation == null && controlAdapter == null && wanted) {
            throw UserException.input(
                    "a checkpoint alone has no control: name the trained adapter with --control-adapter RUN");
        }
        Overrides settings = Overrides.NONE;
        if (controlAdapter != null) {
            settings = settings.set("adapter", RunLora.find(controlAdapter));
        }
        if (controlGuidance != null) {
            settings = settings.set("guidance", controlGuidance / guidance);
        }
        String named = augmentation == null ? "control" : augmentation;
        return augmentation == null && controlAdapter == null
                ? null
                : new ConfigLoader(registry).part(Kind.AUGMENTATION, named, settings);
    }

    /** The classes that all images are asked for, by name. */
    Map<String, String> wishes() {
        Map<String, String> wishes = new LinkedHashMap<>();
        for (String control : controls) {
            String[] parts = control.split("=", 2);
            if (parts.length < 2) {
                throw UserException.input("--control must be NAME=CLASS, not " + control);
            }
            String before = wishes.put(parts[0], parts[1]);
            if (before != null) {
                throw UserException.input("--control gives " + parts[0] + " twice, " + before + " and " + parts[1]
                        + ": an image has one class; give one, and sample the other class separately");
            }
        }
        if (controlStrength != null && wishes.put("control_strength", controlStrength) != null) {
            throw UserException.input(
                    "--control control_strength and --control-strength mean the same: give one of them");
        }
        return wishes;
    }
}
