package org.imagerl.toolkit.sampling;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Prompt;
import org.imagerl.spi.Trajectories;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/** Batches of trajectories put together. */
public final class JoinedTrajectories {
    private JoinedTrajectories() {}

    /** One batch of several of one kernel, as new arrays of the manager; the parts are closed. */
    public static Trajectories of(NDManager manager, List<Trajectories> parts) {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        Trajectories first = parts.get(0);
        List<Prompt> prompts =
                parts.stream().flatMap(part -> part.prompts().stream()).toList();
        List<Conditioning> given =
                parts.stream().map(Trajectories::conditioning).toList();
        IdentityHashMap<NDArray, NDArray> shared = new IdentityHashMap<>();
        Conditioning conditioning = new Conditioning(
                joinMaps(manager, given.stream().map(Conditioning::positive).toList(), shared),
                joinMaps(manager, given.stream().map(Conditioning::negative).toList(), shared));
        return new Trajectories(
                first.kernel(),
                prompts,
                conditioning,
                joinLists(manager, parts.stream().map(Trajectories::states).toList()),
                joinLists(
                        manager, parts.stream().map(Trajectories::logDensities).toList()),
                joinLists(manager, parts.stream().map(Trajectories::noises).toList()));
    }

    /**
     * A batch with samples of another one in some places, as new arrays of the manager; both are closed.
     *
     * @param rows samples of the batch
     * @param other of the same kernel, with as much kept
     * @param of as many samples of the other batch
     */
    public static Trajectories replaced(
            NDManager manager, Trajectories batch, int[] rows, Trajectories other, int[] of) {
        int[] chosen = IntStream.range(0, batch.size()).toArray();
        for (int i = 0; i < rows.length; i++) {
            chosen[rows[i]] = batch.size() + of[i];
        }
        return Gradients.off(() -> {
            try (NDManager scratch = manager.newSubManager()) {
                Trajectories mended = of(scratch, List.of(batch, other)).rows(manager, chosen);
                return new Trajectories(
                        mended.kernel(),
                        batch.prompts(),
                        mended.conditioning(),
                        mended.states(),
                        mended.logDensities(),
                        mended.noises());
            }
        });
    }

    /** @param shared what is joined already, by the array of the first part: both branches of guidance may be given the same one */
    private static Map<String, NDArray> joinMaps(
            NDManager manager, List<Map<String, NDArray>> parts, IdentityHashMap<NDArray, NDArray> shared) {
        Map<String, NDArray> joined = new TreeMap<>();
        for (String name : parts.get(0).keySet()) {
            List<NDArray> arrays = parts.stream()
                    .map(part -> Objects.requireNonNull(part.get(name)))
                    .toList();
            joined.put(name, shared.computeIfAbsent(arrays.get(0), first -> join(manager, arrays)));
        }
        return joined;
    }

    private static List<@Nullable NDArray> joinLists(NDManager manager, List<List<@Nullable NDArray>> parts) {
        List<@Nullable NDArray> joined = new ArrayList<>();
        for (int i = 0; i < parts.get(0).size(); i++) {
            List<NDArray> arrays = new ArrayList<>();
            for (List<@Nullable NDArray> part : parts) {
                NDArray array = part.get(i);
                if (array != null) {
                    arrays.add(array);
                }
            }
            joined.add(arrays.isEmpty() ? null : join(manager, arrays));
        }
        return joined;
    }

    /** Concatenates and closes the parts. */
    private static NDArray join(NDManager manager, List<NDArray> parts) {
        NDArray joined = NDArrays.concat(new NDList(parts), 0);
        joined.attach(manager);
        Scope.keep(joined);
        parts.forEach(NDArray::close);
        return joined;
    }
}
