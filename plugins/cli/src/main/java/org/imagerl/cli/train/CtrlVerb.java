package org.imagerl.cli.train;

import java.util.List;
import java.util.concurrent.Callable;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.UsesMemory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code imagerl ctrl}. */
@Command(
        name = "ctrl",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "VERB",
        header = "Trains classifiers of labelled images, for new controls.")
final class CtrlVerb implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name a verb.");
    }

    /** {@code imagerl ctrl classifier}. */
    @Command(
            name = "classifier",
            mixinStandardHelpOptions = true,
            header = "Trains a classifier on labelled images.",
            description = "The file has 'type: control-classifier', the labelled images and the source of their "
                    + "labels. Prints the balance of the classes, accuracy, macro-F1, the confusion matrix and the "
                    + "calibration on held-out images. If it is interrupted, the same command continues it.")
    static final class Classifier implements Callable<Integer>, UsesMemory {
        private final CliContext session;

        @Mixin
        private PretrainOptions options = new PretrainOptions();

        Classifier(CliContext session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            return options.run(session, "training.yaml");
        }

        @Override
        public List<String> memoryAdvice() {
            return List.of("batch", "channels", "width and height");
        }
    }
}
