package org.imagerl.training.remote;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.UserException;
import org.imagerl.spi.work.DaemonThreads;
import org.imagerl.training.loop.OpenRun;
import org.imagerl.training.loop.RunExecutors;
import org.imagerl.training.work.WorkFormat;

/** A {@link ExecutorSession} in a process of its own on this machine. It ends with this one, for its input ends. */
public final class ExecutorProcess implements AutoCloseable {
    private static final int LAST_LINES = 20;
    private static final int PATIENCE_SECONDS = 60;

    private final Process process;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final Thread following;

    /** The last lines of its log; guarded by itself. */
    private final Deque<String> log = new ArrayDeque<>();

    private ExecutorProcess(Process process) {
        this.process = process;
        this.in = new DataInputStream(new BufferedInputStream(process.getInputStream()));
        this.out = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
        this.following = DaemonThreads.named("log of the executor").newThread(this::follow);
        following.start();
    }

    private void follow() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                synchronized (log) {
                    log.addLast(line);
                    if (log.size() > LAST_LINES) {
                        log.removeFirst();
                    }
                }
            }
        } catch (IOException e) {
            // the process has ended
        }
    }

    /**
     * Computes a run in one process, which is begun with this command.
     *
     * @param command of the JVM, as {@link #command} gives it; the folder of the run and the jars of plugins are added
     * @param plugins jars of other plugins
     */
    public static RunExecutors.Factory executors(List<String> command, List<Path> plugins) {
        return (run, folder) -> RemoteExecutors.open(run, start(run, folder, command, plugins));
    }

    /** The same with the Java, the classes and the plugins of this process. */
    public static RunExecutors.Factory executors(Registry registry) {
        return executors(command(System.getProperty("java.class.path")), registry.foreignJars());
    }

    /**
     * Begins an executor with the Java and the settings of this process.
     *
     * @param classPath of imagerl
     */
    public static List<String> command(String classPath) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String name : List.of("ai.djl.offline", "OPT_OUT_TRACKING", "java.awt.headless", "java.io.tmpdir")) {
            String value = System.getProperty(name);
            if (value != null) {
                command.add("-D" + name + "=" + value);
            }
        }
        command.addAll(List.of("-cp", classPath, ExecutorMain.class.getName()));
        return command;
    }

    private static ExecutorProcess start(OpenRun run, Path folder, List<String> command, List<Path> plugins) {
        List<String> whole = new ArrayList<>(command);
        whole.add(folder.toAbsolutePath().toString());
        plugins.forEach(jar -> whole.add(jar.toAbsolutePath().toString()));
        ExecutorProcess executor;
        try {
            executor = new ExecutorProcess(new ProcessBuilder(whole).start());
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT, "an executor could not be started: " + e.getMessage(), e);
        }
        try {
            executor.requireSame(ExecutorSession.Hello.of(run));
            return executor;
        } catch (RuntimeException | Error e) {
            executor.close();
            throw e;
        }
    }

    private void requireSame(ExecutorSession.Hello here) {
        ExecutorSession.Hello there = WorkFormat.read(
                ExecutorSession.Hello.class,
                receive(message -> Optional.empty()).parts().get(0));
        here.require(there, "the executor");
    }

    /** Asks and waits for the result. */
    List<byte[]> ask(Message.Kind kind, List<byte[]> parts) {
        return ask(kind, parts, message -> Optional.empty());
    }

    /**
     * Asks and waits for the result.
     *
     * @param during answers what the executor says meanwhile; empty where it expects no answer
     */
    synchronized List<byte[]> ask(Message.Kind kind, List<byte[]> parts, Function<Message, Optional<Message>> during) {
        send(Message.of(kind, parts));
        return receive(during).parts();
    }

    private void send(Message message) {
        try {
            message.write(out);
        } catch (IOException e) {
            throw ended(e);
        }
    }

    private Message receive(Function<Message, Optional<Message>> during) {
        try {
            while (true) {
                Message message = Message.read(in);
                switch (message.kind()) {
                    case RESULT, HELLO -> {
                        return message;
                    }
                    case FAILED -> throw failure(message);
                    default -> during.apply(message).ifPresent(this::send);
                }
            }
        } catch (IOException e) {
            throw ended(e);
        }
    }

    private static RuntimeException failure(Message message) {
        String kind = new String(message.parts().get(0), StandardCharsets.UTF_8);
        String reason = new String(message.parts().get(1), StandardCharsets.UTF_8);
        return kind.isEmpty()
                ? new IllegalStateException("the executor failed: " + reason)
                : new UserException(UserException.Kind.valueOf(kind), "on the executor: " + reason);
    }

    private UserException ended(IOException e) {
        // First the log: ending a process closes its streams, and what was not read yet would be lost.
        waitForLog();
        process.destroyForcibly();
        String lines;
        synchronized (log) {
            lines = String.join("\n  ", log);
        }
        return new UserException(
                UserException.Kind.ENVIRONMENT,
                "the executor process has ended (" + e + "); resume the run to go on from its last checkpoint. Its last"
                        + " lines:\n  " + lines,
                e);
    }

    private void waitForLog() {
        try {
            following.join(1000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Lets the process end by itself, and ends it if it does not. */
    @Override
    public void close() {
        try {
            out.close();
            if (process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (IOException e) {
            // it has ended
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }
}
