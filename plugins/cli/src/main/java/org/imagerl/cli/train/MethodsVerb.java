package org.imagerl.cli.train;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.training.config.MethodTable;
import org.imagerl.training.config.Remedy;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code imagerl methods}. */
@Command(
        name = "methods",
        mixinStandardHelpOptions = true,
        header = "Lists the parts of algorithms, what each is for, changes and costs.",
        description = {
            "Every algorithm is a recipe of parts, and each of them can be exchanged in a configuration. What a part"
                    + " costs and goes with is what it says itself, with the defaults of its settings; plugins are among"
                    + " them. `imagerl plugins describe NAME` lists the settings of one.",
            "",
            "Example: imagerl methods --markdown"
        })
final class MethodsVerb implements Callable<Integer> {
    private final CliContext session;

    @Option(names = "--markdown", description = "As tables in Markdown.")
    private boolean markdown;

    MethodsVerb(CliContext session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        MethodTable table = MethodTable.of(session.registry());
        if (markdown) {
            session.out().print(table.markdown());
        } else {
            print(table, session.out());
        }
        return ExitCode.OK;
    }

    private static void print(MethodTable table, PrintWriter out) {
        out.println("what is made for a problem (docs/methods/README.md says when to use which)");
        for (Remedy remedy : Remedy.ALL) {
            out.println("  " + remedy.problem() + ": " + String.join(", ", remedy.parts()));
        }
        out.println(System.lineSeparator() + "algorithm");
        table.presets().forEach(preset -> out.println("  " + preset.name() + ": " + preset.description()));
        String kind = "";
        for (MethodTable.Row row : table.rows()) {
            if (!row.kind().equals(kind)) {
                out.println(System.lineSeparator() + row.kind());
                kind = row.kind();
            }
            out.println("  " + row.name() + ": " + row.changes());
            out.println("      cost: " + row.cost() + "; goes with: " + row.goesWith());
        }
    }
}
