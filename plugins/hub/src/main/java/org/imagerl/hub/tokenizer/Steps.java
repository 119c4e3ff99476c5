package org.imagerl.hub.tokenizer;

import java.util.function.Consumer;

/** Walks through the steps of a section, which may be one, or sequences of them, or none. */
final class Steps {
    private static final int MAX_DEPTH = 4;
    private static final int MAX_STEPS = 256;

    private final String listKey;
    private int seen;

    /** @param listKey under which a step of type {@code Sequence} has its steps */
    Steps(String listKey) {
        this.listKey = listKey;
    }

    /** Gives every step that is no sequence to the check, in their order. */
    void each(Section step, Consumer<Section> check) {
        if (!step.absent()) {
            each(step, check, 0);
        }
    }

    private void each(Section step, Consumer<Section> check, int depth) {
        if (++seen > MAX_STEPS) {
            throw step.refusal("expected at most " + MAX_STEPS + " steps");
        }
        if (!step.node().path("type").stringValue("").equals("Sequence")) {
            check.accept(step);
            return;
        }
        if (depth == MAX_DEPTH) {
            throw step.refusal("expected sequences within sequences at most " + MAX_DEPTH + " deep");
        }
        Section steps = step.at(listKey);
        int count = steps.list(0, MAX_STEPS);
        for (int i = 0; i < count; i++) {
            each(steps.at(i), check, depth + 1);
        }
    }
}
