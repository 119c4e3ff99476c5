package org.imagerl.cli.torch;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.imagerl.cli.console.Finding;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.CacheFolder;

/** What was found out about a PyTorch, and how it is used. */
public final class TorchReport {
    private final Path given;
    private final List<Finding> findings;
    private final TorchSettings settings;

    /**
     * @param given the folder as the user named it
     * @param findings in the order in which they are looked at
     * @param settings by which DJL loads it
     */
    TorchReport(Path given, List<Finding> findings, TorchSettings settings) {
        this.given = given;
        this.findings = List.copyOf(findings);
        this.settings = settings;
    }

    List<Finding> findings() {
        return findings;
    }

    TorchSettings settings() {
        return settings;
    }

    /** Whether it cannot be used. */
    public boolean broken() {
        return findings.stream().anyMatch(finding -> finding.status() == Finding.Status.BROKEN);
    }

    /** For people: all findings, and what to set if it can be used. */
    public void print(PrintWriter out) {
        findings.forEach(finding -> finding.print(out));
        if (broken()) {
            return;
        }
        out.println();
        out.println("To use it:");
        out.println("  imagerl --torch " + TorchSettings.quoted(given.toString()) + " VERB ...");
        out.println("or, in a program of your own on DJL, by these variables and this option of Java:");
        environment().forEach(line -> out.println("  " + line));
        settings.javaOption().ifPresent(option -> out.println("  java " + TorchSettings.quoted(option) + " ..."));
        out.flush();
    }

    /**
     * For a shell, which evaluates them.
     *
     * @throws UserException with all that is broken, if it cannot be used
     */
    public void printForShell(PrintWriter out) {
        if (broken()) {
            String faults = findings.stream()
                    .filter(finding -> finding.status() == Finding.Status.BROKEN)
                    .map(finding ->
                            "\n  " + finding.subject() + ": " + finding.found() + "\n    -> " + finding.remedy())
                    .collect(Collectors.joining());
            throw new UserException(UserException.Kind.ENVIRONMENT, given + ": this PyTorch cannot be used:" + faults);
        }
        environment().forEach(out::println);
        settings.javaOption().ifPresent(option -> out.println("torch_option=" + TorchSettings.quoted(option)));
        out.flush();
    }

    private List<String> environment() {
        try {
            return settings.environment(CacheFolder.open());
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "the folder for links to PyTorch cannot be made: " + e.getMessage() + "; name another one in "
                            + CacheFolder.VARIABLE,
                    e);
        }
    }
}
