package org.imagerl.toolkit.safetensors;

import ai.djl.ndarray.types.Shape;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * The weights of a network by the network's own names, wherever and however files hold them.
 *
 * @param where the file or folder, for messages
 * @param views by name
 * @param identities names of matrices that no file has, because they are the identity
 */
public record WeightViews(String where, SortedMap<String, TensorView> views, SortedSet<String> identities) {

    /** Keeps its own copies. */
    public WeightViews {
        views = Collections.unmodifiableSortedMap(new TreeMap<>(views));
        identities = Collections.unmodifiableSortedSet(new TreeSet<>(identities));
    }

    /**
     * Whole tensors under other names.
     *
     * @param rename from a name of the files to one of the network; the empty string for tensors to be ignored
     */
    public static WeightViews of(WeightFiles files, UnaryOperator<String> rename) {
        SortedMap<String, TensorView> views = new TreeMap<>();
        for (String name : files.names()) {
            String renamed = rename.apply(name);
            if (!renamed.isEmpty()) {
                views.put(renamed, TensorView.whole(files.file(name), name));
            }
        }
        return new WeightViews(files.where().toString(), views, new TreeSet<>());
    }

    /** Name to shape. */
    public Map<String, Shape> shapes() {
        Map<String, Shape> shapes = new TreeMap<>();
        views.forEach((name, view) -> shapes.put(name, view.shape()));
        return shapes;
    }

    /**
     * Makes sure that what was read is of one version of the files.
     *
     * @throws org.imagerl.spi.UserException naming a file that was changed since it was opened
     */
    public void requireUnchanged() {
        views.values().stream().map(TensorView::file).distinct().forEach(SafetensorsFile::requireUnchanged);
    }
}
