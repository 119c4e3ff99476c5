package org.imagerl.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import org.imagerl.cli.console.CliContext;
import org.imagerl.cli.console.EndingSignal;
import org.imagerl.cli.console.ExitCode;
import org.imagerl.cli.console.Failures;
import org.imagerl.cli.console.Outlet;
import org.imagerl.cli.console.StopSignal;
import org.imagerl.cli.console.SystemLocale;
import org.imagerl.cli.plugin.PluginVerbs;
import org.imagerl.cli.score.ScoringVerbs;
import org.imagerl.spi.UserException;
import org.imagerl.spi.work.NativeWork;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The entry point. */
public final class Main {
    /** Of help where there is no terminal; picocli needs 55. */
    private static final int HELP_COLUMNS = 80;
    /** For native calls to come back, which are asked to give up. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private Main() {}

    /** Runs a verb and ends the process with its exit code. */
    public static void main(String[] args) {
        Outlet err = Outlet.standardError();
        exit(locale(err.writer()) ? run(args, Outlet.standardOutput(), err) : ExitCode.ENVIRONMENT);
    }

    private static boolean locale(PrintWriter err) {
        try {
            SystemLocale.check(
                    System.getProperty("os.name"), System.getProperty("sun.jnu.encoding", "UTF-8"), System.getenv());
            return true;
        } catch (UserException e) {
            Failures.report(e, null, err);
            return false;
        }
    }

    /**
     * Ends the process when no native call is in flight: the hooks and destructors of native libraries, which run then, crash under one. If one
     * does not come back, the hooks are left out.
     */
    private static void exit(int code) {
        if (NativeWork.end(PATIENCE)) {
            System.exit(code);
        }
        Runtime.getRuntime().halt(code);
    }

    /**
     * As {@link #run(String[], PrintWriter, PrintWriter)}, and stops the work when nobody reads its output any more.
     */
    static int run(String[] args, Outlet out, Outlet err) {
        TrainingModules.begin(List.of(args));
        CliContext session = new CliContext(List.of(args), out.writer(), err.writer());
        session.watch(out, err);
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> session.failedBeside(failure));
        return session.ended(run(args, session));
    }

    /**
     * Runs a verb.
     *
     * @param out takes results
     * @param err takes progress, warnings and errors
     * @return the exit code: 0 ok, 1 internal error, 2 usage, configuration or input, 3 environment, 4 memory or disk,
     *     129, 130 and 143 stopped by SIGHUP, Ctrl-C and SIGTERM, 141 stopped because nobody reads the output
     */
    public static int run(String[] args, PrintWriter out, PrintWriter err) {
        return run(args, new CliContext(List.of(args), out, err));
    }

    private static int run(String[] args, CliContext session) {
        CommandLine line = executing(session);
        session.runVerbsBy(words -> executing(session).execute(words.toArray(new String[0])));
        PrintWriter err = session.err();
        try (StopSignal stop = new StopSignal(session::notice, EndingSignal::kill, System::nanoTime)) {
            session.listen(stop);
            return line.execute(args);
        } catch (Error e) { // picocli passes on what is no exception: memory and libraries
            List<CommandLine> parsed = line.getParseResult().asCommandLineList();
            return Failures.report(e, parsed.get(parsed.size() - 1).getCommand(), err);
        } finally {
            session.out().flush();
            err.flush();
        }
    }

    /** All verbs and their options, as they are parsed and executed. */
    public static CommandLine executing(CliContext session) {
        PrintWriter err = session.err();
        return commandLine(session)
                .setOut(session.terminalOut())
                .setErr(session.terminalErr())
                .setUsageHelpWidth(Math.max(55, Integer.getInteger("imagerl.columns", HELP_COLUMNS)))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionStrategy(Main::runKnownWords)
                .setParameterExceptionHandler(Main::usage)
                .setExecutionExceptionHandler((failure, command, parsed) ->
                        Failures.report(failure, command.getCommandSpec().userObject(), err));
    }

    private static CommandLine commandLine(CliContext session) {
        CommandLine line = new CommandLine(new Imagerl(session));
        TrainingModules.addVerbs(line, session);
        ScoringVerbs.of(session).forEach(line::addSubcommand);
        TrainingModules.addToReward(line, session);
        PluginVerbs.of(session, TrainingModules::engine).forEach(line::addSubcommand);
        return line.addSubcommand("completion", new AutoComplete.GenerateCompletion());
    }

    /** Runs the verb, or prints its help. Beside {@code --help} picocli forgives words that it does not know, a misspelt verb for instance. */
    private static int runKnownWords(ParseResult words) {
        for (CommandLine verb : words.asCommandLineList()) {
            List<String> unknown = verb.getParseResult().unmatched();
            if (!unknown.isEmpty() && !verb.isUnmatchedArgumentsAllowed()) {
                throw new UnmatchedArgumentException(verb, unknown);
            }
        }
        return new CommandLine.RunLast().execute(words);
    }

    /**
     * The message for a wrong command line. Of words that are not known it names the options alone, because the others
     * are probably their values.
     */
    private static String message(Exception problem) {
        if (!(problem instanceof UnmatchedArgumentException unmatched)) {
            return String.valueOf(problem.getMessage());
        }
        List<String> options = unmatched.getUnmatched().stream()
                .filter(word -> word.startsWith("-"))
                .toList();
        if (!options.isEmpty()) {
            return (options.size() == 1 ? "Unknown option: '" : "Unknown options: '") + String.join("', '", options)
                    + "'";
        }
        boolean verb = !unmatched.getCommandLine().getSubcommands().isEmpty();
        return (verb ? "Unknown verb: '" : "Unexpected word: '")
                + unmatched.getUnmatched().get(0) + "'";
    }

    /** Says all that is wrong with the words, not only the first: a misspelt option is often a required one. */
    private static int usage(ParameterException first, String... words) {
        CommandLine verb = first.getCommandLine();
        PrintWriter err = verb.getErr();
        verb.getCommandSpec().parser().collectErrors(true);
        CommandLine root = verb.getCommandSpec().root().commandLine();
        List<CommandLine> parsed = root.parseArgs(words).asCommandLineList();
        List<Exception> problems =
                parsed.get(parsed.size() - 1).getParseResult().errors();
        for (Exception problem : problems.isEmpty() ? List.of(first) : problems) {
            err.println("imagerl: " + message(problem));
            if (problem instanceof ParameterException usage) {
                UnmatchedArgumentException.printSuggestions(usage, err);
            }
        }
        err.println("  " + verb.getCommandSpec().qualifiedName() + " --help says what there is");
        return ExitCode.INPUT;
    }
}
