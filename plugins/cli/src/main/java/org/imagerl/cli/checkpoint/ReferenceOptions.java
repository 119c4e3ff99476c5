package org.imagerl.cli.checkpoint;

import java.util.Map;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.sampling.Correction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options for correcting samples towards the checkpoint without its LoRA files. */
final class ReferenceOptions {
    @Option(
            names = "--reference",
            paramLabel = "SHARE",
            description =
                    "With --lora: correct each step towards the checkpoint without the LoRA, by this share of the way"
                            + " from 0 (not at all) to 1 (its own images). The checkpoint is loaded"
                            + " twice for it. Default: 0")
    private @Nullable Double reference;

    @Option(
            names = "--reference-from",
            paramLabel = "SHARE",
            description = "With --reference: the share of the steps that are made before the correction begins, from 0."
                    + " Default: 0")
    private @Nullable Double from;

    @Option(
            names = "--reference-to",
            paramLabel = "SHARE",
            description =
                    "With --reference: the share of the steps after which the correction ends, at most 1. Default: 1")
    private @Nullable Double to;

    /**
     * The correction.
     *
     * @param loras whether LoRA files are merged
     * @param controlled whether controls condition the images
     * @throws UserException if it has no effect, or cannot be made
     */
    Correction correction(boolean loras, boolean controlled, int steps) {
        if (reference == null) {
            if (from != null || to != null) {
                throw UserException.input((from != null ? "--reference-from" : "--reference-to")
                        + " needs a correction: --reference SHARE");
            }
            return Correction.NONE;
        }
        if (!loras) {
            throw UserException.input("--reference corrects towards the checkpoint without its LoRA, and there is none:"
                    + " name one by --lora, or leave --reference out");
        }
        if (controlled) {
            throw UserException.input(
                    "--reference corrects towards the checkpoint alone, which knows no controls; leave"
                            + " one of them out");
        }
        Correction made = made(reference, from == null ? 0 : from, to == null ? 1 : to);
        if (reference > 0 && made.steps(steps) == 0) {
            throw UserException.input(
                    "--reference-from to --reference-to covers none of the " + steps + " steps; take a wider range");
        }
        return made;
    }

    private static Correction made(double weight, double from, double to) {
        if (!(weight >= 0 && weight <= 1)) {
            throw UserException.input("--reference must be from 0 to 1, not " + weight);
        }
        if (!(from >= 0 && from < to && to <= 1)) {
            throw UserException.input(
                    "--reference-from must be below --reference-to, both from 0 to 1, not " + from + " and " + to);
        }
        return new Correction(weight, from, to);
    }

    /** What images depend on, for their text chunks; nothing where they are not corrected. */
    static void describe(Correction correction, Map<String, String> settings) {
        if (correction.weight() > 0) {
            settings.put(
                    "reference",
                    correction.weight() + " from " + correction.from() + " to " + correction.to() + " of the steps");
        }
    }
}
