package org.imagerl.training.loop;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What has been opened so far, to be closed in the opposite order. */
final class Opened implements AutoCloseable {
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    Opened(AutoCloseable... inOrder) {
        List.of(inOrder).forEach(this::keep);
    }

    <T extends AutoCloseable> T keep(T made) {
        opened.push(made);
        return made;
    }

    @Override
    public void close() {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
