package org.imagerl.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.host.config.RegisteredParts;
import org.imagerl.host.registry.Registry;
import org.imagerl.spi.Context;
import org.imagerl.spi.io.Quote;
import org.jspecify.annotations.Nullable;

/** What all verbs share: where they write, the plugins, and the way to run long work. */
final class Session {
    private final PrintWriter out;
    private final PrintWriter err;
    private final List<String> arguments;
    private List<Path> pluginPath = List.of();
    private @Nullable Registry registry;
    private volatile @Nullable ProgressLine progress;

    Session(List<String> arguments, PrintWriter out, PrintWriter err) {
        this.arguments = List.copyOf(arguments);
        this.out = out;
        this.err = err;
    }

    /** Results go here, below the progress line. */
    PrintWriter out() {
        finishLine();
        return out;
    }

    /** Progress, warnings and errors go here. */
    PrintWriter err() {
        return err;
    }

    /** The command line as typed, for provenance. */
    List<String> commandLine() {
        List<String> words = new ArrayList<>(List.of("imagerl"));
        words.addAll(arguments);
        return words;
    }

    /** Says something to the user, beside the results. */
    void notice(String line) {
        finishLine();
        err.println("imagerl: " + Quote.lines(line)); // it may quote a stranger's file
        err.flush();
    }

    private void finishLine() {
        ProgressLine drawn = progress;
        if (drawn != null) {
            drawn.finishLine();
        }
    }

    /** Jars or folders of jars to search for plugins, beside the distribution's own. */
    void setPluginPath(List<Path> paths) {
        pluginPath = List.copyOf(paths);
    }

    /** The plugins, loaded when they are first asked for; what is wrong with them is said then. */
    Registry registry() {
        if (registry == null) {
            List<Path> paths = new ArrayList<>(pluginPath);
            Path own = Path.of(System.getProperty("imagerl.home", "."), "plugins");
            if (System.getProperty("imagerl.home") != null && Files.isDirectory(own)) {
                paths.add(own);
            }
            registry = Registry.load(paths);
            registry.warnings().forEach(line -> notice("warning: " + line));
        }
        return registry;
    }

    /** What parts that are named on the command line may know: their paths are relative to the working directory. */
    Context context(String device, int threads) {
        return new Context(
                Path.of("").toAbsolutePath(), device, threads, this::notice, new RegisteredParts(registry()));
    }

    /** Work that says how far it is and can be stopped; returns an exit code. */
    @FunctionalInterface
    interface LongWork {
        int run(ProgressLine progress);
    }

    /**
     * Runs long work under a progress line. The first interruption asks it to stop, the second ends the process. Work for the sake of other
     * long work has the same line, and a stop is for both.
     *
     * @param goOn what to do after an interruption, for people: "go on with: imagerl resume runs/a"
     * @return the work's exit code, 130 if it was stopped before its end
     */
    int runLong(String goOn, LongWork work) {
        ProgressLine around = progress;
        if (around != null) {
            return work.run(around);
        }
        try (StopSignal stop = new StopSignal(this::notice);
                ProgressLine line = new ProgressLine(err, stop::asked, System::nanoTime)) {
            progress = line;
            int code = work.run(line);
            if (code == ExitCode.INTERRUPTED) {
                notice("stopped; " + goOn);
            }
            return code;
        } finally {
            progress = null;
        }
    }
}
