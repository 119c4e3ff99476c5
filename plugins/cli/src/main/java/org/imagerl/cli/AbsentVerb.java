package org.imagerl.cli;

import java.util.ArrayList;
import java.util.List;
import org.imagerl.spi.UserException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** A verb that this distribution lacks, whatever its arguments are. */
@Command(hidden = true)
final class AbsentVerb implements Runnable {
    private final String name;

    @Unmatched
    @SuppressWarnings("UnusedVariable") // filled by picocli, so that no argument is an error of its own
    private final List<String> arguments = new ArrayList<>();

    AbsentVerb(String name) {
        this.name = name;
    }

    @Override
    public void run() {
        throw new UserException(
                UserException.Kind.ENVIRONMENT,
                "imagerl " + name
                        + " is not in this distribution, which is for scoring and has no training; use the full"
                        + " distribution of imagerl (in a build: plugins/cli/target/dist)");
    }
}
