package org.imagerl.tests;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.jni.JniUtils;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Networks use no operation of the engine that ends the process on bfloat16: none but those that were tried ({@code Bfloat16Test} of the toolkit),
 * and those that do not look at the elements. What is missing here belongs into {@code Kernels}, or into that test first.
 */
class NetworkOperationsTest {
    private static final String[] NETWORKS = {
        "org.imagerl.diffusion.unet",
        "org.imagerl.flow.flux",
        "org.imagerl.flow.sd3",
        "org.imagerl.flow.t5",
        "org.imagerl.flow.transformer",
        "org.imagerl.latent.blocks",
        "org.imagerl.latent.clip",
        "org.imagerl.latent.vae"
    };

    private static final Set<String> TRIED = Set.of(
            "NDArray.add",
            "NDArray.concat",
            "NDArray.mul",
            "NDArray.pad",
            "NDArray.reshape",
            "NDArray.transpose",
            "JniUtils.convolution",
            "JniUtils.embedding",
            "JniUtils.linear",
            "JniUtils.relu",
            "JniUtils.slice");

    private static final Set<String> BLIND = Set.of("NDArray.close", "NDArray.getManager", "NDArray.getShape");

    /** The dtype itself: UNKNOWN for bfloat16, and used only for what float16 alone needs, or of what is outside the network. */
    private static final Set<String> DTYPE = Set.of(
            "AutoencoderKl NDArray.getDataType",
            "FluxTransformer NDArray.getDataType",
            "Tokens NDArray.getDataType",
            "UNet NDArray.getDataType");

    /** On numbers that are not of the network's dtype: token ids, timesteps, angles. */
    private static final Set<String> OTHER_NUMBERS = Set.of(
            "ClipTextModel NDArray.duplicate",
            "ClipTextModel NDArray.toLongArray",
            "Moments NDArray.exp",
            "RelativePositions NDArray.duplicate",
            "RotaryPositions NDArray.cos",
            "RotaryPositions NDArray.duplicate",
            "RotaryPositions NDArray.sin",
            "RotaryPositions NDArray.stack",
            // a reward with a gradient, which is float32 always
            "SimilarityModel NDArray.div",
            "SimilarityModel NDArray.duplicate",
            "SimilarityModel NDArray.getFloat",
            "SimilarityModel NDArray.sqrt",
            "SimilarityModel NDArray.sum",
            "T5Encoder NDArray.duplicate",
            "Tiles NDArray.duplicate",
            "TimeConditioning NDArray.duplicate",
            "UNet NDArray.duplicate");

    @Test
    void networksUseOnlyOperationsThatKnowBfloat16() {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages(NETWORKS);
        Set<String> others = new TreeSet<>();
        Set<String> used = new TreeSet<>();
        classes.stream().flatMap(type -> type.getMethodCallsFromSelf().stream()).forEach(call -> {
            String owner = call.getTargetOwner().getSimpleName();
            if (List.of(NDArray.class.getSimpleName(), "PtNDArray", JniUtils.class.getSimpleName())
                    .contains(owner)) {
                String operation = owner.replace("PtNDArray", "NDArray") + "." + call.getName();
                String placed = call.getOriginOwner().getSimpleName() + " " + operation;
                used.add(operation);
                if (!TRIED.contains(operation)
                        && !BLIND.contains(operation)
                        && !DTYPE.contains(placed)
                        && !OTHER_NUMBERS.contains(placed)) {
                    others.add(placed);
                }
            }
        });
        assertThat(others).isEmpty();
        assertThat(used).contains("NDArray.add", "NDArray.concat", "JniUtils.slice"); // else nothing was looked at
    }
}
