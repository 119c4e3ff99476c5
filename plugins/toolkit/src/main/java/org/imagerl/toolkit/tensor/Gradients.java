package org.imagerl.toolkit.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Gradient recording and backward passes, in one place. The engine's grad mode belongs to the thread and is on by default in
 * every thread but the one that loaded the engine: whatever runs networks goes through {@link #off} or {@link #record}.
 *
 * <p>Segment checkpointing (Chen, Xu, Zhang, Guestrin, Training Deep Nets with Sublinear Memory Cost, 2016, arXiv 1604.06174):
 * {@link #segment} runs a part of a network without recording and keeps only its inputs and output; {@link Recording#backward}
 * runs it again, recorded, when its gradient is due.
 */
public final class Gradients {
    private static final ThreadLocal<@Nullable Recording> CURRENT = new ThreadLocal<>();

    private Gradients() {}

    /** Runs the body without recording. */
    public static <T> T off(Supplier<T> body) {
        return inMode(false, body);
    }

    /** Runs the body with recording on; gradients are taken by {@link Recording#backward}. Recordings do not nest. */
    public static <T> T record(Function<Recording, T> body) {
        if (CURRENT.get() != null) {
            throw new IllegalStateException("recordings do not nest");
        }
        Recording recording = new Recording();
        CURRENT.set(recording);
        try {
            return inMode(true, () -> body.apply(recording));
        } finally {
            CURRENT.remove();
        }
    }

    /** Whether operations of this thread are recorded now. */
    public static boolean recording() {
        return CURRENT.get() != null && JniUtils.isGradMode();
    }

    /**
     * Runs a part of a network, with inputs and a result of any shape. Outside a recording, or if {@code checkpointed}
     * is false, just that. In a recording the part is run without a graph and once more in the backward pass, unless
     * neither its inputs nor its weights are trained. The body must use no other recorded array than its inputs, and
     * weights.
     */
    public static NDArray segment(boolean checkpointed, Function<NDArray[], NDArray> body, NDArray... inputs) {
        Recording recording = CURRENT.get();
        if (!checkpointed || recording == null || !JniUtils.isGradMode()) {
            return Scope.of(() -> body.apply(inputs));
        }
        return recording.add(body, inputs);
    }

    /**
     * Runs a network of segments, with a result of any shape. Frees what the body made but its result, unless the segments' inputs must wait for the backward pass:
     * then they belong to the surrounding scope, which must outlive it.
     */
    public static NDArray scoped(boolean checkpointed, Supplier<NDArray> body) {
        return keepsInputs(checkpointed) ? body.get() : Scope.of(body);
    }

    /** Runs an array of any shape that nobody else needs through segments one after the other; frees each input as soon as it may. */
    public static NDArray through(boolean checkpointed, NDArray x, List<UnaryOperator<NDArray>> segments) {
        NDArray state = x;
        for (UnaryOperator<NDArray> segment : segments) {
            NDArray next = segment.apply(state);
            if (!keepsInputs(checkpointed)) {
                // A recorded graph holds what it needs itself.
                state.close();
            }
            state = next;
        }
        return state;
    }

    private static boolean keepsInputs(boolean checkpointed) {
        return checkpointed && recording();
    }

    private static <T> T inMode(boolean on, Supplier<T> body) {
        boolean before = JniUtils.isGradMode();
        JniUtils.setGradMode(on);
        try {
            return body.get();
        } finally {
            JniUtils.setGradMode(before);
        }
    }

    /** What was recorded since {@link Gradients#record}. */
    public static final class Recording {
        /** What {@link #backward} does when the gradients of all that came later are complete; the latest first. */
        private final Deque<Runnable> pending = new ArrayDeque<>();

        /** Leaves of the graph that stand for the array between segments which is the key, be it a leaf itself. */
        private final IdentityHashMap<NDArray, NDArray> boundaries = new IdentityHashMap<>();

        private Recording() {}

        private NDArray add(Function<NDArray[], NDArray> body, NDArray... inputs) {
            NDArray[] leaves = Stream.of(inputs).map(this::boundary).toArray(NDArray[]::new);
            NDArray output;
            if (Stream.of(leaves).anyMatch(Kernels::requiresGradient)) {
                output = off(() -> Scope.of(() -> body.apply(leaves)));
            } else {
                // Nothing before is trained. A graph says whether the segment's own weights are; no more than that is
                // kept of it.
                NDArray recorded = Scope.of(() -> body.apply(leaves));
                if (!Kernels.requiresGradient(recorded)) {
                    return recorded;
                }
                output = recorded.stopGradient();
                recorded.close();
            }
            output.setRequiresGradient(true);
            boundaries.put(output, output);
            pending.push(() -> backward(body, leaves, output));
            return output;
        }

        /** Cuts the graph before an input, so that what lies before is walked once, however many segments take it. */
        private NDArray boundary(NDArray input) {
            NDArray known = boundaries.get(input);
            if (known != null || !Kernels.requiresGradient(input)) {
                return known == null ? input : known;
            }
            NDArray leaf = input.stopGradient();
            leaf.setRequiresGradient(true);
            boundaries.put(input, leaf);
            // Parts of the graph between segments may be shared: nothing of it is freed before the arrays are.
            pending.push(() -> Scope.run(() -> propagate(input, leaf.getGradient(), true)));
            return leaf;
        }

        /** Adds the gradients of a scalar to {@code .grad} of every leaf that requires one. */
        public void backward(NDArray scalar) {
            try (NDArray one = scalar.onesLike()) {
                backward(scalar, one);
            }
        }

        /** Vector-Jacobian product: adds the gradients of {@code sum(y cotangent)}; both of the same shape. */
        public void backward(NDArray y, NDArray cotangent) {
            boolean keepGraph = !pending.isEmpty();
            propagate(y, cotangent, keepGraph);
            while (!pending.isEmpty()) {
                pending.pop().run();
            }
            boundaries.clear();
        }

        private static void propagate(NDArray y, NDArray cotangent, boolean keepGraph) {
            JniUtils.backward((PtNDArray) y, (PtNDArray) cotangent, keepGraph, false);
        }

        private static void backward(Function<NDArray[], NDArray> body, NDArray[] leaves, NDArray output) {
            Scope.run(() -> {
                NDArray again = body.apply(leaves);
                // Not if the body cuts all graphs.
                if (Kernels.requiresGradient(again)) {
                    propagate(again, output.getGradient(), false);
                }
            });
        }
    }
}
