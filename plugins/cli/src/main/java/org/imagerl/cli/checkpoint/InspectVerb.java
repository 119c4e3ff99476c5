package org.imagerl.cli.checkpoint;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.config.registry.CheckpointPath;
import org.imagerl.spi.Context;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.lora.files.Inspection;
import org.imagerl.toolkit.lora.files.LoraFiles;
import org.imagerl.training.run.Checkpoints;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code imagerl inspect}. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        header = "Says what a file or folder is and which tools load it.",
        description = "Recognises LoRA files of any layout, PEFT folders, components, whole checkpoints in the"
                + " diffusers layout or in a single file, and runs. It reads no weights, so it is quick for any size. The"
                + " loader of imagerl decides whether imagerl loads a checkpoint. All given paths are inspected; if some"
                + " cannot be, the exit code is that of the first of them.")
final class InspectVerb implements Callable<Integer> {
    private final CliContext session;

    @Parameters(paramLabel = "PATH", arity = "1..*", description = "A .safetensors file, or a folder.")
    private List<Path> paths = List.of();

    @Mixin
    private ComponentArguments components = new ComponentArguments();

    InspectVerb(CliContext session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        int code = ExitCode.OK;
        for (Path path : paths) {
            try {
                inspect(path);
            } catch (UserException e) {
                session.out().flush();
                session.err().println("imagerl: " + Quote.lines(String.valueOf(e.getMessage())));
                session.err().flush();
                code = code == ExitCode.OK ? e.kind().exitCode() : code;
            }
        }
        return code;
    }

    private void inspect(Path path) {
        if (RunLora.isRun(path)) {
            run(path);
            return;
        }
        CheckpointPath.requireExisting(path);
        print(path, Inspection.of(path, loras()));
    }

    private void print(Path path, Inspection found) {
        PrintWriter out = session.out();
        out.println(found.path() + ": " + found.what());
        found.lines().forEach(line -> out.println("  " + line));
        if (Files.exists(path.resolve("model_index.json")) || CheckpointPath.isSingleFile(path)) {
            families(path).forEach(line -> out.println("  " + line));
        }
    }

    private void run(Path run) {
        PrintWriter out = session.out();
        Checkpoints checkpoints = Checkpoints.of(run);
        out.println(run + ": a run of imagerl");
        out.println("  checkpoints: " + checkpoints.all().size());
        checkpoints.latest().ifPresent(path -> out.println("  newest: " + path));
        checkpoints.best().ifPresent(path -> out.println("  best: " + path));
        if (checkpoints.latest().isPresent()) {
            Path taken = checkpoints.best().or(checkpoints::latest).orElseThrow();
            try {
                print(taken, Inspection.of(RunLora.find(run), loras()));
            } catch (UserException e) {
                out.println("  no LoRA: " + Quote.lines(String.valueOf(e.getMessage())));
            }
        }
    }

    private LoraFiles loras() {
        return LoraFiles.in(session.registry().loraLayouts());
    }

    /** What the loaders say. */
    private List<String> families(Path folder) {
        List<PipelineFactory> known;
        List<String> lines = new ArrayList<>();
        try {
            known = session.registry().pipelines().stream()
                    .filter(family -> family.recognises(folder))
                    .toList();
            if (known.isEmpty() && CheckpointPath.isSingleFile(folder)) {
                return List.of(); // something else, which was said
            }
            session.registry().pipeline(folder);
        } catch (UserException e) {
            return List.of("not loaded by imagerl: " + Quote.lines(String.valueOf(e.getMessage())));
        }
        Context context = session.context("cpu", 1).warning(line -> lines.add("note: " + Quote.lines(line)));
        for (PipelineFactory family : known) {
            lines.add(verdict(
                    family, folder, new PipelineFactory.Options("float32", false, components.model(), context)));
        }
        return lines;
    }

    private static String verdict(PipelineFactory family, Path checkpoint, PipelineFactory.Options options) {
        try {
            family.check(checkpoint, options);
            return "loaded by: imagerl (pipeline " + family.name() + ")";
        } catch (UserException e) {
            return "not loaded by imagerl: " + Quote.lines(String.valueOf(e.getMessage()));
        }
    }
}
