package org.imagerl.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.toolkit.lora.files.Inspection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code imagerl inspect}. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        header = "Says what a file or folder is and which tools load it.",
        description = {
            "Knows LoRA files of any layout, PEFT folders, components and whole checkpoints in the diffusers layout. Reads headers only, so it is quick whatever the size."
        })
final class InspectVerb implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "PATH", arity = "1..*", description = "A .safetensors file, or a folder.")
    private List<Path> paths = List.of();

    InspectVerb(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        paths.forEach(this::inspect);
        return ExitCode.OK;
    }

    private void inspect(Path path) {
        Inspection found = Inspection.of(path);
        PrintWriter out = session.out();
        out.println(found.path() + ": " + found.what());
        found.lines().forEach(line -> out.println("  " + line));
        if (Files.exists(path.resolve("model_index.json"))) {
            out.println("  " + families(path));
        }
    }

    private String families(Path folder) {
        List<String> names = session.registry().pipelines().stream()
                .filter(family -> family.recognises(folder))
                .map(PipelineFactory::name)
                .toList();
        return names.isEmpty()
                ? "not loaded by imagerl: no pipeline knows this class"
                : "loaded by: imagerl (pipeline " + String.join(", ", names) + ")";
    }
}
