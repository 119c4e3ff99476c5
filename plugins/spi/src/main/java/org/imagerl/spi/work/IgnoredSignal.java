package org.imagerl.spi.work;

/** Signals that are for another process. */
public final class IgnoredSignal {
    private IgnoredSignal() {}

    /**
     * Lets this process ignore SIGINT. Ctrl-C in a terminal sends it to a program and to all processes that it has begun, although the program alone
     * decides when those end. By reflection, since every compilation that names {@code sun.misc.Signal} warns; where a JVM has no such class, SIGINT
     * ends this process.
     */
    public static void interrupt() {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            signal.getMethod("handle", signal, handler)
                    .invoke(
                            null,
                            signal.getConstructor(String.class).newInstance("INT"),
                            handler.getField("SIG_IGN").get(null));
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            // another JVM or another system
        }
    }
}
