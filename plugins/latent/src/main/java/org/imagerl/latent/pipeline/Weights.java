package org.imagerl.latent.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.nn.Parameter;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.safetensors.TensorView;
import org.imagerl.toolkit.safetensors.WeightViews;

/**
 * The weights that a declared network gets from the files of its component.
 *
 * @param files how they are named
 * @param network declared
 * @param type of all its weights
 * @param keys takes all keys of the files, and gives a function from each of them to the network's key; the empty
 *     string is for keys to be ignored
 */
public record Weights(
        Component files,
        ParameterStore network,
        DataType type,
        Function<Collection<String>, UnaryOperator<String>> keys) {
    private static final int BYTES = 64;

    /** Fills the network; one that is yet to be trained gets its initial values. */
    void load(OpenCheckpoint folder) {
        if (folder.initialiser().headersOnly()) {
            check(folder);
            folder.residences().declare(this);
        } else if (!folder.initialiser().fill(network, folder.manager())) {
            open(folder, views -> NetworkWeights.load(network, views, folder.manager(), type));
        }
    }

    /** Checks names and shapes in the headers, without reading a weight. */
    void check(OpenCheckpoint folder) {
        open(folder, views -> NetworkWeights.check(network, views));
    }

    /** Runs the body while they stay in the files, see {@link NetworkWeights#lend}. */
    void lend(OpenCheckpoint folder, Map<Parameter, UnaryOperator<NDArray>> changes, Runnable body) {
        open(folder, views -> NetworkWeights.lend(network, views, folder.manager(), type, changes, body));
    }

    /** Tells them from other weights by the first bytes of each in the files, and by the dtype that they get. */
    String fingerprint(OpenCheckpoint folder) {
        MessageDigest digest = Fingerprint.sha256();
        digest.update((network.component() + type).getBytes(StandardCharsets.UTF_8));
        open(
                folder,
                views -> views.views().forEach((name, view) -> {
                    String what = name + view.shape() + view.dtype() + view.factor() + view.transposed();
                    digest.update(what.getBytes(StandardCharsets.UTF_8));
                    digest.update(first(view));
                }));
        return HexFormat.of().formatHex(digest.digest());
    }

    private static byte[] first(TensorView view) {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(BYTES, view.bytes()));
        view.readInto(0, bytes);
        return bytes.array();
    }

    private void open(OpenCheckpoint folder, Consumer<WeightViews> use) {
        folder.source().component(network.component()).weights(network, files.stem(), keys, views -> {
            folder.stored().saw(network, views);
            use.accept(views);
        });
    }
}
