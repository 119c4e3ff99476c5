package org.imagerl.toolkit.parallel;

import java.util.function.Supplier;

/**
 * A value that all threads share. A body of code can run with another value, which its own thread alone sees: no other
 * thread does, not even one that it starts.
 */
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
