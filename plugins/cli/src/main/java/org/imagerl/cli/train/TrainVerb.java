package org.imagerl.cli.train;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.UsesMemory;
import org.imagerl.training.config.EffectiveConfig;
import org.imagerl.training.config.PreparedRun;
import org.imagerl.training.loop.Training;
import org.imagerl.training.run.RunFolder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code imagerl train}. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        header = "Fine-tunes a checkpoint against rewards.",
        description = {
            "Everything goes into a new folder runs/NAME: configuration, metrics, sample grids, "
                    + "checkpoints, and at the end the LoRA. NAME is the name of the file (--set run.name=NAME "
                    + "gives another). Ctrl-C stops and saves the run, and imagerl resume continues it. SIGTERM, "
                    + "SIGHUP and a closed output pipe do the same. A second signal ends the program at once.",
            "",
            "Example: imagerl train ddpo.yaml --set epochs=4 --set run.name=try"
        })
final class TrainVerb implements Callable<Integer>, UsesMemory {
    private final CliContext session;
    private @Nullable EffectiveConfig effective;

    @Mixin
    private ConfigVerb.Source source = new ConfigVerb.Source();

    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    TrainVerb(CliContext session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        PreparedRun prepared = source.prepare(session);
        effective = prepared.effective();
        Path run = RunFolder.path(prepared.config().run());
        String goOn = "continue with: imagerl resume " + run + cluster.words();
        return session.runLong(
                goOn,
                progress -> cluster.run(session, prepared.config().device(), computing -> {
                    TrainingReport.begin(run, session.out());
                    return TrainingReport.print(
                            Training.start(
                                    prepared,
                                    session.registry(),
                                    session.commandLine(),
                                    progress,
                                    session::notice,
                                    computing),
                            session.out());
                }));
    }

    @Override
    public List<String> memoryAdvice() {
        return effective == null ? List.of() : TrainingReport.memoryAdvice(effective.config(), "--set ");
    }
}
