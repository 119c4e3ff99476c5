package org.imagerl.spark;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.training.remote.ExecutorSession;

/**
 * The parts of rollouts that this executor has fetched from others. The shards of an epoch's updates need the same parts again and again, so that they
 * are kept as long as their rollout is open. What is beyond a number of bytes is fetched for one task alone, because in the end each executor would hold
 * the whole rollout.
 */
final class FetchedParts {
    static final long MAX_BYTES = 256L << 20;

    private final ExecutorSession session;

    /** The bytes of each part that is kept. */
    private final Map<String, Long> kept = new HashMap<>();

    FetchedParts(ExecutorSession session) {
        this.session = session;
    }

    /**
     * Lets the session hold parts.
     *
     * @param parts by name, their trajectories as {@link ExecutorSession#trajectories} gives them
     * @param task a name that no other task has
     * @return those that the task must forget when it ends: the name that each is held under, by its own
     */
    Map<String, String> hold(Map<String, List<byte[]>> parts, String task) {
        kept.keySet().removeIf(part -> !session.holds(part)); // their rollout is closed
        long all = kept.values().stream().mapToLong(Long::longValue).sum();
        Map<String, String> ofTask = new HashMap<>();
        for (Map.Entry<String, List<byte[]>> part : parts.entrySet()) {
            String name = part.getKey();
            if (session.holds(name)) {
                continue; // another task of this executor has fetched it at the same time
            }
            long bytes =
                    part.getValue().stream().mapToLong(piece -> piece.length).sum();
            if (all + bytes <= MAX_BYTES) {
                all += bytes;
                kept.put(name, bytes);
            } else {
                name += " of " + task;
                ofTask.put(part.getKey(), name);
            }
            session.hold(name, part.getValue());
        }
        return ofTask;
    }
}
