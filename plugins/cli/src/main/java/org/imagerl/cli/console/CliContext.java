package org.imagerl.cli.console;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import java.util.function.ToIntFunction;
import org.imagerl.config.RegistryPartCodec;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Context;
import org.imagerl.spi.text.Quote;
import org.jspecify.annotations.Nullable;

/** What all verbs share: where they write, the plugins, and the way to run long work. */
public final class CliContext {
    /** The longest that one step of a training takes without a word, on slow machines. */
    private static final Duration STEP = Duration.ofMinutes(10);

    private static final long POLL_MS = 100;

    private final PrintWriter terminalOut;
    private final PrintWriter terminalErr;
    private final PrintWriter out;
    private final PrintWriter err;
    private final List<String> arguments;
    private List<Path> pluginPath = List.of();
    private ToIntFunction<List<String>> verbs = words -> {
        throw new IllegalStateException("no verbs are known");
    };
    private @Nullable Registry registry;
    /** Kept, for it reads ahead. */
    private @Nullable Scanner answers;

    private volatile @Nullable ProgressLine progress;
    private volatile @Nullable StopSignal stop;
    private volatile List<Outlet> outlets = List.of();
    private volatile boolean longWork;
    /** The exit code of an error beside the work; 0 without one. */
    private volatile int failed;

    public CliContext(List<String> arguments, PrintWriter out, PrintWriter err) {
        this.arguments = List.copyOf(arguments);
        this.terminalOut = out;
        this.terminalErr = err;
        this.out = new PrintWriter(new QuotingWriter(out), true);
        this.err = new PrintWriter(new QuotingWriter(err), true);
    }

    /** Where results go, for what may move the cursor or set colours: picocli. Nothing of a file may be written here. */
    public PrintWriter terminalOut() {
        return terminalOut;
    }

    /** Where progress goes, for what may move the cursor or set colours. Nothing of a file may be written here. */
    public PrintWriter terminalErr() {
        return terminalErr;
    }

    /** Results go here, below the progress line, without control characters. */
    public PrintWriter out() {
        finishLine();
        return out;
    }

    /** Warnings and errors go here, without control characters. */
    public PrintWriter err() {
        return err;
    }

    /**
     * Asks the user.
     *
     * @param question without a line end
     * @return the line that was typed; null where there is no terminal, of which the launcher says whether there is one, or its input ends
     */
    public @Nullable String ask(String question) {
        if (!Boolean.getBoolean("imagerl.terminal")) {
            return null;
        }
        err.print(question + " ");
        err.flush();
        if (answers == null) {
            answers = new Scanner(System.in, Charset.defaultCharset());
        }
        return answers.hasNextLine() ? answers.nextLine().strip() : null;
    }

    /** The command line as typed, for provenance. */
    public List<String> commandLine() {
        List<String> words = new ArrayList<>(List.of("imagerl"));
        words.addAll(arguments);
        return words;
    }

    /** How a verb runs another one. */
    public void runVerbsBy(ToIntFunction<List<String>> words) {
        verbs = words;
    }

    /**
     * Runs a verb for another verb.
     *
     * @return the exit code; what is wrong has been said
     */
    public int run(List<String> words) {
        return verbs.applyAsInt(words);
    }

    /** Says something to the user, beside the results. */
    public void notice(String line) {
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
    public void setPluginPath(List<Path> paths) {
        pluginPath = List.copyOf(paths);
    }

    /** The plugins, loaded when they are first asked for; what is wrong with them is said then. */
    public Registry registry() {
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
    public Context context(String device, int threads) {
        return RegistryPartCodec.context(registry(), Path.of("").toAbsolutePath(), device, threads, this::notice);
    }

    /** Work that reports its progress and can be stopped; returns an exit code. */
    @FunctionalInterface
    public interface LongWork {
        int run(ProgressLine progress);
    }

    /** Who takes the signals for this process. */
    public void listen(StopSignal signals) {
        stop = signals;
    }

    /** Where output goes, to see whether anybody reads it; result lines go to the first. */
    public void watch(Outlet results, Outlet messages) {
        outlets = List.of(results, messages);
    }

    /** What a thread ends by that nobody waits for: without it the rest would wait for ever, or compute wrong things. */
    public void failedBeside(Throwable failure) {
        finishLine();
        int code = Failures.report(failure, null, err);
        if (failure instanceof Error) {
            failed = code;
        }
    }

    /** As {@link #runLong(String, Duration, LongWork)}, for work of which a step may take minutes and must not be lost. */
    public int runLong(String goOn, LongWork work) {
        return runLong(goOn, STEP, work);
    }

    /**
     * Runs long work under a progress line. The first signal, or output that nobody reads any more, asks it to stop; the second ends the process. Work
     * for the sake of other long work has the same line, and a stop is for both.
     *
     * @param goOn what to do after an interruption, for people: "continue with: imagerl resume runs/a"
     * @param silence how long to wait for a sign of life of work that is asked to stop, before the process is ended all the same
     * @return the work's exit code; if it was stopped before its end, that of the reason
     */
    public int runLong(String goOn, Duration silence, LongWork work) {
        ProgressLine around = progress;
        if (around != null) {
            return work.run(around);
        }
        StopSignal signals = stop;
        if (signals == null) {
            try (StopSignal own = new StopSignal(this::notice, EndingSignal::kill, System::nanoTime)) {
                return runLong(goOn, silence, work, own);
            }
        }
        return runLong(goOn, silence, work, signals);
    }

    /** Waits until the process is asked to stop, while a server works beside. */
    public int runUntilStopped(String goOn, Duration silence) {
        return runLong(goOn, silence, line -> {
            line.begin(); // requests that are being answered
            while (!line.stopped()) {
                try {
                    Thread.sleep(POLL_MS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    break;
                }
            }
            return line.stopped() ? ExitCode.OK : ExitCode.INTERRUPTED;
        });
    }

    private int runLong(String goOn, Duration silence, LongWork work, StopSignal signals) {
        longWork = true;
        signals.expect(silence);
        try (ProgressLine line =
                new ProgressLine(terminalErr, () -> stopped(signals), signals::begin, System::nanoTime)) {
            progress = line;
            int code = work.run(line);
            if (code != ExitCode.INTERRUPTED) {
                return code;
            }
            notice((unread() ? "nobody reads the output of this command any more: " : "") + "stopped; " + goOn);
            return signals.exitCode();
        } finally {
            progress = null;
        }
    }

    private boolean stopped(StopSignal signals) {
        signals.alive();
        if (failed != ExitCode.OK) {
            signals.ask(failed);
        } else if (unread()) {
            signals.ask(ExitCode.UNREAD);
        }
        return signals.asked();
    }

    private boolean unread() {
        return outlets.stream().anyMatch(Outlet::closed);
    }

    /** The exit code of the process, after all has been written; says so if results were lost on their way. */
    public int ended(int code) {
        if (code != ExitCode.OK || failed != ExitCode.OK) {
            return code == ExitCode.OK ? failed : code;
        }
        if (outlets.isEmpty()) {
            return code;
        }
        Outlet results = outlets.get(0);
        if (results.closed()) {
            if (longWork) {
                notice("nobody has read the report of this command; its files are written");
            }
            return ExitCode.UNREAD;
        }
        IOException failure = results.failure();
        if (failure == null) {
            return code;
        }
        notice("standard output cannot be written: " + failure.getMessage() + "; what it should have is not whole");
        return ExitCode.RESOURCES;
    }
}
