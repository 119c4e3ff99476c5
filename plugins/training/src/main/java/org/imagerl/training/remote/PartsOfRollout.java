package org.imagerl.training.remote;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.function.Function;
import org.imagerl.spi.Trajectories;
import org.imagerl.toolkit.sampling.JoinedTrajectories;
import org.imagerl.training.loop.ThreadGradients;

/**
 * A rollout of which some parts are here: samples are found by their number in the whole.
 *
 * @param parts the name of each by the number of its first sample
 * @param held trajectories by the name of their part
 */
record PartsOfRollout(NavigableMap<Integer, String> parts, Function<String, Trajectories> held)
        implements ThreadGradients.Samples {

    @Override
    public Trajectories rows(NDManager manager, String rollout, int... rows) {
        List<Trajectories> samples = new ArrayList<>();
        for (int row : rows) {
            Map.Entry<Integer, String> part = Objects.requireNonNull(parts.floorEntry(row), "no part begins there");
            samples.add(held.apply(part.getValue()).rows(manager, row - part.getKey()));
        }
        return JoinedTrajectories.of(manager, samples);
    }
}
