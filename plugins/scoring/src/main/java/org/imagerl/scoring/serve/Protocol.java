package org.imagerl.scoring.serve;

import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;

/** The protocols of the server. */
public enum Protocol {
    /** JSON, as in Flow-Factory. */
    JSON,
    /** Pickles of plain values, as in flow_grpo, VeRL-Omni and DeepGen. */
    FLOW_GRPO;

    Form form() {
        return this == JSON ? new JsonForm() : new PickleForm();
    }

    /**
     * The protocol of this name.
     *
     * @throws UserException if there is none
     */
    public static Protocol named(String name) {
        return switch (name) {
            case "json", "flow-factory" -> JSON;
            case "flow-grpo" -> FLOW_GRPO;
            default ->
                throw UserException.input(
                        "--protocol " + Quote.of(name) + " is none; it must be json, flow-factory or flow-grpo");
        };
    }
}
