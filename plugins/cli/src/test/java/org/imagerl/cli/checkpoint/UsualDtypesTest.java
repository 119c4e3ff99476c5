package org.imagerl.cli.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.PipelineFactory.Dtypes;
import org.imagerl.spi.PipelineFactory.StoredWeights;
import org.junit.jupiter.api.Test;

class UsualDtypesTest {
    private static final long NUMBERS = 1_000_000_000;

    private final List<String> notices = new ArrayList<>();

    private static Map<String, StoredWeights> stored(String unet, String first, String second) {
        return Map.of(
                "unet", new StoredWeights(NUMBERS, unet),
                "text_encoder", new StoredWeights(1000, first),
                "text_encoder_2", new StoredWeights(1000, second),
                "vae", new StoredWeights(1000, "float16"));
    }

    private String sampled(String unet, long memory, boolean onCpu) {
        return UsualDtypes.toSample(Path.of("model"), stored(unet, "float32", "float32"), memory, onCpu, notices::add);
    }

    @Test
    void whatIsMergedIsHeldAsItIsStoredUnlessItIsWrittenOtherwise() {
        Map<String, StoredWeights> halves = stored("bfloat16", "float16", "float16");
        assertThat(UsualDtypes.toMerge(halves, null)).isEqualTo(new Dtypes("bfloat16", "float16", "float32"));
        assertThat(UsualDtypes.toMerge(halves, "bfloat16")).isEqualTo(new Dtypes("bfloat16", "float32", "float32"));
        assertThat(UsualDtypes.toMerge(halves, "float32")).isEqualTo(Dtypes.all("float32"));
        assertThat(UsualDtypes.toMerge(stored("float8", "float16", "bfloat16"), null))
                .isEqualTo(Dtypes.all("float32"));
        assertThat(UsualDtypes.toMerge(Map.of(), null)).isEqualTo(Dtypes.all("float32"));
    }

    @Test
    void imagesAreComputedInFloat32WhereItsWeightsFit() {
        assertThat(sampled("float32", 1, true)).isEqualTo("float32");
        assertThat(notices).as("as stored").isEmpty();
        assertThat(sampled("bfloat16", 6_000_000_000L, true)).isEqualTo("float32");
        assertThat(notices).singleElement().asString().contains("stored in bfloat16", "4.0 GB", "--dtype bfloat16");
        assertThat(sampled("bfloat16", 0, false)).as("of unknown size").isEqualTo("float32");
    }

    @Test
    void elseInTheDtypeOfTheFilesWhereTheDeviceComputesInIt() {
        assertThat(sampled("bfloat16", 4_500_000_000L, true)).isEqualTo("bfloat16");
        assertThat(notices).singleElement().asString().contains("4.0 GB", "4.5 GB of the device", "--dtype float32");
        assertThat(sampled("float8", 4_500_000_000L, true)).isEqualTo("bfloat16");
        assertThat(sampled("float16", 4_500_000_000L, true)).as("on a CPU").isEqualTo("float32");
        assertThat(sampled("float16", 4_500_000_000L, false)).as("on a GPU").isEqualTo("float16");
    }
}
