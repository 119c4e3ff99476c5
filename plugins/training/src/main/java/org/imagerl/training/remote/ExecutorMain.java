package org.imagerl.training.remote;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.UserException;
import org.imagerl.spi.work.IgnoredSignal;
import org.imagerl.training.work.RolloutExecutor;
import org.imagerl.training.work.RolloutUnit;
import org.imagerl.training.work.WorkFormat;

/**
 * The process of a {@link ExecutorSession}: takes messages from its standard input and answers on its standard output, until the input ends. Its arguments are
 * the folder of the run and the jars of other plugins.
 */
public final class ExecutorMain {
    private final DataInputStream in;
    private final DataOutputStream out;

    private ExecutorMain(DataInputStream in, DataOutputStream out) {
        this.in = in;
        this.out = out;
    }

    /** Ends with the process that began it. */
    public static void main(String[] arguments) throws IOException {
        DataInputStream in = new DataInputStream(System.in);
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(System.out));
        IgnoredSignal.interrupt(); // Ctrl-C goes to all processes of a terminal: the loop decides when this one ends
        System.setOut(System.err); // whatever libraries print, the messages stay whole
        List<Path> plugins = Arrays.stream(arguments).skip(1).map(Path::of).toList();
        new ExecutorMain(in, out).run(Path.of(arguments[0]), plugins);
    }

    private void run(Path folder, List<Path> plugins) throws IOException {
        try (ExecutorSession session = ExecutorSession.open(folder, Registry.load(plugins), ExecutorMain::log)) {
            Message.of(Message.Kind.HELLO, List.of(WorkFormat.write(session.hello())))
                    .write(out);
            while (true) {
                Message asked = Message.read(in);
                answer(session, asked).write(out);
            }
        } catch (EOFException e) {
            // the loop has ended
        } catch (RuntimeException | Error e) {
            failed(e).write(out);
            throw e;
        }
    }

    /** What warns here is in the log of the process that began this one. */
    private static void log(String line) {
        System.err.println(line);
    }

    private Message answer(ExecutorSession session, Message asked) throws IOException {
        try {
            return Message.of(Message.Kind.RESULT, session.answer(asked, new Watch()));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (RuntimeException | Error e) {
            return failed(e);
        }
    }

    private static Message failed(Throwable e) {
        String kind = e instanceof UserException mistake ? mistake.kind().name() : "";
        String reason = e instanceof UserException ? String.valueOf(e.getMessage()) : e.toString();
        return Message.of(
                Message.Kind.FAILED,
                List.of(kind.getBytes(StandardCharsets.UTF_8), reason.getBytes(StandardCharsets.UTF_8)));
    }

    /** Asks the process of the loop, one thread at a time. */
    private final class Watch implements RolloutExecutor.Watch {
        @Override
        public void begin() {
            try {
                Message.of(Message.Kind.MAY_BEGIN).write(out);
                if (Message.read(in).kind() != Message.Kind.GO) {
                    throw new IllegalStateException("the rollout is given up");
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void done(RolloutUnit unit) {
            try {
                Message.of(Message.Kind.DONE, List.of(WorkFormat.write(unit))).write(out);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
