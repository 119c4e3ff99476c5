package org.imagerl.cli.score;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.cli.console.Numbers;
import org.imagerl.cli.console.Outputs;
import org.imagerl.images.Fonts;
import org.imagerl.scoring.Comparison;
import org.imagerl.scoring.ExtremesSheet;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code imagerl compare}. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        header = "Compares two files of results.",
        description = "A and B are result files of imagerl score. For two generators with images of the same file "
                + "names (or prompts), it says how often the second wins. For two scorers of the same images, "
                + "it says how well they agree.")
final class CompareVerb implements Callable<Integer> {
    private final CliContext session;

    @Parameters(index = "0", paramLabel = "A", description = "Results, .csv or .jsonl.")
    private Path a = Path.of("");

    @Parameters(index = "1", paramLabel = "B", description = "Results, .csv or .jsonl.")
    private Path b = Path.of("");

    @Option(
            names = "--reward",
            paramLabel = "NAME",
            description = "Only this reward; NAME_IN_A:NAME_IN_B if its names differ. Default: all rewards that both "
                    + "files have.")
    private @Nullable String reward;

    @Option(names = "--out", paramLabel = "FILE", description = "A new file for the numbers, as JSON.")
    private @Nullable Path out;

    @Option(
            names = "--sheet",
            paramLabel = "FILE",
            description = "A new PNG file that shows the pairs that differ most in the first reward, side by side.")
    private @Nullable Path sheet;

    @Option(
            names = "--sheet-pairs",
            paramLabel = "N",
            description = "Number of pairs on the sheet that B wins, and of those that it loses. Default: "
                    + "${DEFAULT-VALUE}")
    private int sheetPairs = 8;

    CompareVerb(CliContext session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Numbers.atLeastOne("--sheet-pairs", sheetPairs);
        Path json = out == null ? null : Outputs.fresh(out);
        Path image = sheet == null ? null : Outputs.fresh(sheet);
        if (json != null
                && image != null
                && json.toAbsolutePath()
                        .normalize()
                        .equals(image.toAbsolutePath().normalize())) {
            throw UserException.input("--out and --sheet name one file, " + json + "; name two");
        }
        Comparison comparison = Comparison.of(a, b, reward);
        session.out().print(comparison.table());
        // Both or none: one alone would be in the way of the same command.
        List<AtomicFile> staged = new ArrayList<>();
        try {
            if (json != null) {
                staged.add(AtomicFile.stageText(json, json(comparison)));
            }
            if (image != null) {
                staged.add(AtomicFile.stageBytes(image, ExtremesSheet.png(comparison, sheetPairs)));
                Fonts.warnIfMissing(session::notice);
            }
            staged.forEach(AtomicFile::commit);
        } finally {
            staged.forEach(AtomicFile::close);
        }
        Stream.of(json, image)
                .filter(Objects::nonNull)
                .forEach(file -> session.out().println("written: " + file));
        return ExitCode.OK;
    }

    private static String json(Comparison comparison) {
        JsonMapper mapper =
                JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
        return mapper.writeValueAsString(comparison.lines()) + "\n";
    }
}
