package org.imagerl.cli.console;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.imagerl.spi.work.DaemonThreads;

/**
 * Takes the signals that ask a process to end, as long as it is open. Long work that has begun is asked to stop, and has its time for that as
 * long as it shows signs of life; everything else ends at once. In both cases the first signal hands all of them back to the operating system,
 * so that the second one ends the process on the spot.
 *
 * <p>Ending at once is left to the operating system: neither Java's shutdown hooks nor the destructors of native libraries run, which crash
 * when a thread is still computing in the library. Files are such that this harms none.
 *
 * <p>By reflection, since every compilation that names {@code sun.misc.Signal} warns. Where a JVM has no such class or keeps the
 * signals to itself ({@code -Xrs}), interruption is what it was.
 */
public final class StopSignal implements AutoCloseable {
    private static final long LOOK_MS = 200;
    private static final int NOT_ASKED = -1;

    private final Consumer<String> say;
    private final Consumer<EndingSignal> death;
    private final LongSupplier nanoTime;
    private final AtomicInteger asked = new AtomicInteger(NOT_ASKED);
    private final List<Taken> taken = new ArrayList<>();

    private volatile Duration patience = Duration.ZERO;
    private volatile boolean begun;
    private volatile boolean closed;
    private volatile long lastSign;

    /** A signal, its handler before, and the system's default action for it. */
    private record Taken(Method handle, Object signal, Object before, Object system) {

        void give(Object handler) {
            try {
                handle.invoke(null, signal, handler);
            } catch (IllegalAccessException | InvocationTargetException e) {
                throw new IllegalStateException("a signal that could be taken cannot be given back", e);
            }
        }
    }

    /**
     * Takes the signals.
     *
     * @param say takes lines for the user
     * @param death ends the process by a signal, at once
     * @param nanoTime as {@link System#nanoTime}
     */
    public StopSignal(Consumer<String> say, Consumer<EndingSignal> death, LongSupplier nanoTime) {
        this.say = say;
        this.death = death;
        this.nanoTime = nanoTime;
        for (EndingSignal signal : EndingSignal.values()) {
            try {
                taken.add(take(signal));
            } catch (ReflectiveOperationException e) {
                // another JVM, or another system: this signal does there what it always does
            }
        }
    }

    /** Whether long work shall stop. */
    public boolean asked() {
        return asked.get() != NOT_ASKED;
    }

    /** With which code the process ends that was asked to stop. */
    public int exitCode() {
        return asked() ? asked.get() : ExitCode.INTERRUPTED;
    }

    /** Asks for a stop for another reason than a signal; the first reason counts. */
    public void ask(int exitCode) {
        asked.compareAndSet(NOT_ASKED, exitCode);
    }

    /**
     * Announces that long work will begin.
     *
     * @param silence for how long it may show no sign of life when it is to stop; zero if there is nothing to wait for
     */
    public void expect(Duration silence) {
        patience = silence;
        begun = false;
    }

    /** Long work has done something that is worth an orderly end. */
    public void begin() {
        begun = true;
        alive();
    }

    /** A sign of life of long work. */
    public void alive() {
        lastSign = nanoTime.getAsLong();
    }

    private Taken take(EndingSignal name) throws ReflectiveOperationException {
        Class<?> signalType = Class.forName("sun.misc.Signal");
        Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
        Object signal = signalType.getConstructor(String.class).newInstance(name.name());
        Object handler = Proxy.newProxyInstance(
                handlerType.getClassLoader(), new Class<?>[] {handlerType}, (proxy, method, args) -> {
                    if (method.getName().equals("handle")) {
                        came(name);
                        return null;
                    }
                    return method.getName().equals("equals") ? proxy == args[0] : System.identityHashCode(proxy);
                });
        Method handle = signalType.getMethod("handle", signalType, handlerType);
        Object system = handlerType.getField("SIG_DFL").get(null);
        return new Taken(handle, signal, handle.invoke(null, signal, handler), system);
    }

    private void came(EndingSignal signal) {
        if (!asked.compareAndSet(NOT_ASKED, signal.exitCode())) {
            return;
        }
        taken.forEach(each -> each.give(each.system()));
        if (!begun || patience.isZero()) {
            say.accept("ended by SIG" + signal);
            death.accept(signal);
            return;
        }
        alive();
        say.accept("stopping when the current work is done; a second signal ends at once");
        DaemonThreads.named("stop").newThread(() -> watch(signal)).start();
    }

    /** Work that hangs in a read or in native code would otherwise ignore the signal for ever. */
    private void watch(EndingSignal signal) {
        while (!closed) {
            if (nanoTime.getAsLong() - lastSign > patience.toNanos()) {
                say.accept("nothing has moved for " + patience.toSeconds() + " s: ended by SIG" + signal
                        + "; everything saved before is kept");
                death.accept(signal);
                return;
            }
            try {
                Thread.sleep(LOOK_MS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Gives the signals back to whom they belonged. */
    @Override
    public void close() {
        closed = true;
        taken.forEach(signal -> signal.give(signal.before()));
    }
}
