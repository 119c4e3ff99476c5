package org.imagerl.toolkit.parallel;

import java.util.function.Supplier;

/** A value that is the same for all threads, but in a body of code that runs with another one: of that no other thread knows, whoever started it. */
public final class ThreadScopedValue<T> {
    private final ThreadLocal<T> value;

    /** @param usual outside of all bodies */
    public ThreadScopedValue(T usual) {
        value = ThreadLocal.withInitial(() -> usual);
    }

    /** The value of this thread now. */
    public T get() {
        return value.get();
    }

    /** Runs the body with another value, and then has the one from before again. */
    public <R> R with(T other, Supplier<R> body) {
        T before = value.get();
        value.set(other);
        try {
            return body.get();
        } finally {
            value.set(before);
        }
    }
}
