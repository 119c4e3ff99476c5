package org.imagerl.toolkit.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
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
            recording.close();
        }
    }

    /** Whether operations of this thread are recorded now. */
    public static boolean recording() {
        return CURRENT.get() != null && JniUtils.isGradMode();
    }

    /**
     * Runs a part of a network, with inputs and a result of any shape. Outside a recording, just that. In a recording
     * with {@code checkpointed} the part is run without a graph and once more in the backward pass, unless neither its
     * inputs nor its weights are trained. Otherwise its graph is kept; where feature maps are large, apart from those
     * of other parts, so that each is freed as soon as its gradient is known. The body must use no other recorded array
     * than its inputs, and weights.
     */
    public static NDArray segment(boolean checkpointed, Function<NDArray[], NDArray> body, NDArray... inputs) {
        Recording recording = CURRENT.get();
        if (recording == null || !JniUtils.isGradMode()) {
            return Scope.of(() -> body.apply(inputs));
        }
        if (checkpointed) {
            return recording.again(body, inputs);
        }
        return recording.cuts(inputs) ? recording.kept(body, inputs) : Scope.of(() -> body.apply(inputs));
    }

    /** A part of a network that keeps less for its backward pass than the engine would; made for one call. */
    public interface Part {
        /**
         * Computes the result, of any shape, while recording is on; gives to {@link Gradients#keep} what {@link
         * #backward} needs.
         */
        NDArray forward(NDArray... inputs);

        /**
         * Adds to the gradients of the inputs, and of weights, by {@link Gradients#pull}, and closes what was kept;
         * arrays of any shape.
         */
        void backward(NDArray[] inputs, NDArray gradient);
    }

    /**
     * Runs a body on arrays of any shape as {@link #segment} does, or the part in its place, which must give the same:
     * where gradients are due and graphs are cut. Checkpointing, too, prefers the part, which keeps little and computes
     * little again.
     */
    public static NDArray part(
            boolean checkpointed, Supplier<Part> part, Function<NDArray[], NDArray> body, NDArray... inputs) {
        Recording recording = CURRENT.get();
        if (recording == null
                || !JniUtils.isGradMode()
                || Stream.of(inputs).noneMatch(Kernels::requiresGradient)
                || !recording.cuts(inputs)) {
            return segment(checkpointed, body, inputs);
        }
        return recording.custom(part.get(), inputs);
    }

    /**
     * Takes an array of any shape that a part needs in its backward pass out of the scope: it lives until the part
     * closes it, or the recording ends.
     */
    public static NDArray keep(NDArray array) {
        return Objects.requireNonNull(CURRENT.get(), "no recording").own(array);
    }

    /**
     * Adds the gradients of {@code sum(y cotangent)}, both of the same shape, to those of the leaves of y's graph,
     * which it frees.
     */
    public static void pull(NDArray y, NDArray cotangent) {
        Recording.propagate(y, cotangent, false);
    }

    /**
     * The gradient of {@code sum(y cotangent)}, y being a function of x; all of any shape. The function is computed for
     * this alone.
     */
    public static NDArray of(UnaryOperator<NDArray> function, NDArray x, NDArray cotangent) {
        return Scope.of(() -> {
            NDArray leaf = x.stopGradient();
            leaf.setRequiresGradient(true);
            pull(function.apply(leaf), cotangent);
            return leaf.getGradient();
        });
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
        /**
         * Numbers in one sample's feature map from which on graphs are cut between segments: far below, that costs more
         * time than it saves memory.
         */
        private static final long LARGE = 1L << 17;

        /** What {@link #backward} does when the gradients of all that came later are complete; the latest first. */
        private final Deque<Runnable> pending = new ArrayDeque<>();

        /** Leaves of the graph that stand for the array between segments which is the key. */
        private final IdentityHashMap<NDArray, NDArray> boundaries = new IdentityHashMap<>();

        /** What the backward pass needs; whoever ran a segment may close its inputs and its result. */
        private final Set<NDArray> owned = Collections.newSetFromMap(new IdentityHashMap<>());

        /**
         * Graphs are cut between segments from the first large feature map or the first checkpointed segment on: then
         * none is walked twice.
         */
        private boolean cut;

        private Recording() {}

        private boolean cuts(NDArray... inputs) {
            cut |= Stream.of(inputs)
                    .anyMatch(x -> x.getShape().dimension() > 0
                            && x.size() / x.getShape().get(0) >= LARGE);
            return cut;
        }

        private NDArray again(Function<NDArray[], NDArray> body, NDArray... inputs) {
            cut = true;
            NDArray[] leaves = leaves(inputs);
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
            return output(output, gradient -> {
                int before = pending.size();
                NDArray second = body.apply(leaves);
                // Not if the body cuts all graphs.
                if (Kernels.requiresGradient(second)) {
                    propagate(second, gradient, pending.size() > before);
                }
                finish(before);
            });
        }

        private NDArray kept(Function<NDArray[], NDArray> body, NDArray... inputs) {
            NDArray[] leaves = leaves(inputs);
            int before = pending.size();
            NDArray recorded = Scope.of(() -> body.apply(leaves));
            if (!Kernels.requiresGradient(recorded)) {
                return recorded;
            }
            // Parts within it may share its graph with it.
            boolean shared = pending.size() > before;
            own(recorded);
            return output(recorded.stopGradient(), gradient -> {
                propagate(recorded, gradient, shared);
                free(recorded);
            });
        }

        private NDArray custom(Part part, NDArray... inputs) {
            NDArray[] leaves = leaves(inputs);
            NDArray made = Scope.of(() -> part.forward(leaves));
            return output(made.stopGradient(), gradient -> part.backward(leaves, gradient));
        }

        /**
         * The result of a segment for its caller, who may close it: a view of a leaf, at which the backward pass goes
         * on.
         */
        private NDArray output(NDArray value, Consumer<NDArray> backward) {
            NDArray leaf = own(value);
            leaf.setRequiresGradient(true);
            NDArray view = leaf.reshape(leaf.getShape());
            boundaries.put(view, leaf);
            boundaries.put(leaf, leaf);
            pending.push(() -> {
                Scope.run(() -> backward.accept(leaf.getGradient()));
                free(leaf);
            });
            return view;
        }

        private NDArray[] leaves(NDArray... inputs) {
            return Stream.of(inputs).map(this::leaf).toArray(NDArray[]::new);
        }

        /** Cuts the graph before an input, so that what lies before is walked once, however many segments take it. */
        private NDArray leaf(NDArray input) {
            NDArray known = boundaries.get(input);
            if (known != null) {
                return known;
            }
            NDArray leaf = own(input.stopGradient());
            boundaries.put(input, leaf);
            boundaries.put(leaf, leaf);
            if (Kernels.requiresGradient(input)) {
                leaf.setRequiresGradient(true);
                NDArray end = own(input.reshape(input.getShape()));
                pending.push(() -> {
                    // Parts of the graph between segments may be shared: nothing of it is freed before the arrays are.
                    Scope.run(() -> propagate(end, leaf.getGradient(), true));
                    free(end);
                    free(leaf);
                });
            }
            return leaf;
        }

        private NDArray own(NDArray array) {
            owned.add(Scope.keep(array));
            return array;
        }

        private void free(NDArray array) {
            owned.remove(array);
            array.close();
        }

        /** Adds the gradients of a scalar to {@code .grad} of every leaf that requires one. */
        public void backward(NDArray scalar) {
            try (NDArray one = scalar.onesLike()) {
                backward(scalar, one);
            }
        }

        /** Vector-Jacobian product: adds the gradients of {@code sum(y cotangent)}; both of the same shape. */
        public void backward(NDArray y, NDArray cotangent) {
            propagate(y, cotangent, !pending.isEmpty());
            finish(0);
            close();
        }

        private void finish(int left) {
            while (pending.size() > left) {
                pending.pop().run();
            }
        }

        private void close() {
            pending.clear();
            boundaries.clear();
            owned.forEach(NDArray::close);
            owned.clear();
        }

        private static void propagate(NDArray y, NDArray cotangent, boolean keepGraph) {
            JniUtils.backward((PtNDArray) y, (PtNDArray) cotangent, keepGraph, false);
        }
    }
}
