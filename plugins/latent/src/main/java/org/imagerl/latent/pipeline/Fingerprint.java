package org.imagerl.latent.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.imagerl.toolkit.nn.Parameter;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;

/** Tells networks of one shape apart by a few numbers of every weight, the same in float32 and float16; bfloat16 rounds more, and has its own. */
final class Fingerprint {
    private static final int NUMBERS = 8;
    private static final int HEX_DIGITS = 32;

    private Fingerprint() {}

    /** Hexadecimal digits of a hash. */
    static String of(ParameterStore network) {
        MessageDigest digest = sha256();
        Gradients.off(() -> {
            for (Parameter parameter : network.parameters()) {
                digest.update((parameter.key() + parameter.shape()).getBytes(StandardCharsets.UTF_8));
                Scope.run(() -> digest.update(first(parameter.value())));
            }
            return digest;
        });
        return HexFormat.of().formatHex(digest.digest()).substring(0, HEX_DIGITS);
    }

    /** Rounded to half precision, as a checkpoint may be loaded. */
    private static byte[] first(NDArray weight) {
        NDArray flat = weight.flatten();
        NDArray some = JniUtils.slice((PtNDArray) flat, 0, 0, Math.min(NUMBERS, flat.size()), 1);
        float[] values = some.toType(DataType.FLOAT16, false)
                .toType(DataType.FLOAT32, false)
                .toFloatArray();
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
