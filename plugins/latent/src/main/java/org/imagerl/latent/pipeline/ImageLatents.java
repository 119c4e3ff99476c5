package org.imagerl.latent.pipeline;

import ai.djl.ndarray.NDArray;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.imagerl.toolkit.tensor.Gradients;
import org.jspecify.annotations.Nullable;

/** The latents of images, from the VAE, or from disk where they were kept there. */
final class ImageLatents {
    private static final String NAME = "latents";

    private final Residence residence;
    private final @Nullable EmbeddingCache cache;
    private final Supplier<String> identity;
    private @Nullable String known;

    /**
     * Of a VAE.
     *
     * @param cache where they are kept; null for nowhere
     * @param identity tells the VAE and its weights from all others; asked for once, and only with a cache
     */
    ImageLatents(Residence residence, @Nullable EmbeddingCache cache, Supplier<String> identity) {
        this.residence = residence;
        this.cache = cache;
        this.identity = identity;
    }

    /**
     * Encodes images. With a cache every image is encoded for itself, so that its numbers do not depend on those beside it.
     *
     * @param images float32 {@code [B, 3, H, W]} in 0..1
     * @param encode from such images to float32 {@code [B, c, h, w]}
     * @return float32 {@code [B, c, h, w]}
     */
    NDArray of(NDArray images, UnaryOperator<NDArray> encode) {
        EmbeddingCache disk = cache;
        if (disk == null || residence.changed() || Gradients.recording()) {
            return encode.apply(images);
        }
        float[] pixels = images.toFloatArray();
        int rows = (int) images.getShape().get(0);
        int each = pixels.length / rows;
        NDArray latents = null;
        for (int row = 0; row < rows; row++) {
            NDArray one = images.get(row + ":" + (row + 1));
            String key = one.getShape() + " " + hash(Arrays.copyOfRange(pixels, row * each, (row + 1) * each));
            Map<String, NDArray> kept = disk.get(
                    images.getManager(), identity(), key, () -> new TreeMap<>(Map.of(NAME, encode.apply(one))));
            NDArray next = Objects.requireNonNull(kept.get(NAME));
            latents = latents == null ? next : latents.concat(next, 0);
        }
        return Objects.requireNonNull(latents, "no images");
    }

    private static String hash(float... pixels) {
        ByteBuffer bytes = ByteBuffer.allocate(pixels.length * Float.BYTES);
        bytes.asFloatBuffer().put(pixels);
        MessageDigest digest = Fingerprint.sha256();
        digest.update(bytes);
        return HexFormat.of().formatHex(digest.digest());
    }

    private synchronized String identity() {
        String found = known == null ? identity.get() : known;
        known = found;
        return found;
    }
}
