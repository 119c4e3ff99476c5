package org.imagerl.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Takes Ctrl-C (and the signals that ask a process to end) for a request to stop, as long as it is open. The first one only
 * sets a flag, because a JVM that exits while a thread computes in native code crashes; it also hands the signals back to the
 * operating system, so that the second one ends the process at once.
 *
 * <p>By reflection, since every compilation that names {@code sun.misc.Signal} warns. Where a JVM has no such class or keeps the
 * signals to itself ({@code -Xrs}), interruption is what it was.
 */
final class StopSignal implements AutoCloseable {
    private static final List<String> SIGNALS = List.of("INT", "TERM", "HUP");

    private final AtomicBoolean asked = new AtomicBoolean();
    private final List<Taken> taken = new ArrayList<>();

    /** A signal, who got it before, and how the system treats it by itself. */
    private record Taken(Method handle, Object signal, Object before, Object system) {

        void give(Object handler) {
            try {
                handle.invoke(null, signal, handler);
            } catch (IllegalAccessException | InvocationTargetException e) {
                throw new IllegalStateException("a signal that could be taken cannot be given back", e);
            }
        }
    }

    StopSignal(Consumer<String> say) {
        for (String name : SIGNALS) {
            try {
                taken.add(take(name, say));
            } catch (ReflectiveOperationException e) {
                // another JVM, or another system: this signal does there what it always does
            }
        }
    }

    /** Whether the user wants to stop. */
    boolean asked() {
        return asked.get();
    }

    private Taken take(String name, Consumer<String> say) throws ReflectiveOperationException {
        Class<?> signalType = Class.forName("sun.misc.Signal");
        Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
        Object signal = signalType.getConstructor(String.class).newInstance(name);
        Object handler = Proxy.newProxyInstance(
                handlerType.getClassLoader(), new Class<?>[] {handlerType}, (proxy, method, args) -> {
                    if (method.getName().equals("handle")) {
                        stop(say);
                        return null;
                    }
                    return method.getName().equals("equals") ? proxy == args[0] : System.identityHashCode(proxy);
                });
        Method handle = signalType.getMethod("handle", signalType, handlerType);
        Object system = handlerType.getField("SIG_DFL").get(null);
        return new Taken(handle, signal, handle.invoke(null, signal, handler), system);
    }

    private void stop(Consumer<String> say) {
        if (asked.compareAndSet(false, true)) {
            taken.forEach(signal -> signal.give(signal.system()));
            say.accept("stopping as soon as the work at hand is saved; once more ends at once");
        }
    }

    /** Gives the signals back to whom they belonged. */
    @Override
    public void close() {
        taken.forEach(signal -> signal.give(signal.before()));
    }
}
