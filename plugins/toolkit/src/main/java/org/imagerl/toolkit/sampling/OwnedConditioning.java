package org.imagerl.toolkit.sampling;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Prompt;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/** What the denoiser is conditioned on for a batch, owned by the manager of the batch. */
final class OwnedConditioning {
    private OwnedConditioning() {}

    /**
     * Encodes prompts.
     *
     * @param maskedImage see {@link Pipeline#MASKED_IMAGE}, or null
     */
    static Conditioning of(
            NDManager manager, GuidedPolicy policy, List<Prompt> prompts, @Nullable NDArray maskedImage) {
        Conditioning[] kept = new Conditioning[1];
        Scope.run(() -> {
            Conditioning encoded = policy.encode(prompts);
            kept[0] = new Conditioning(owned(manager, encoded.positive()), owned(manager, encoded.negative()));
        });
        return maskedImage == null ? kept[0] : kept[0].completedBy(ofMasked(owned(manager, maskedImage)));
    }

    /** A masked image alone, which both branches of guidance are given. */
    static Conditioning ofMasked(NDArray image) {
        Map<String, NDArray> both = Map.of(Pipeline.MASKED_IMAGE, image);
        return new Conditioning(both, both);
    }

    private static Map<String, NDArray> owned(NDManager manager, Map<String, NDArray> tensors) {
        Map<String, NDArray> owned = new TreeMap<>();
        tensors.forEach((name, tensor) -> owned.put(name, owned(manager, tensor)));
        return owned;
    }

    private static NDArray owned(NDManager manager, NDArray tensor) {
        tensor.attach(manager);
        return Scope.keep(tensor);
    }
}
