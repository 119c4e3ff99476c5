package org.imagerl.spark.score;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.imagerl.images.ExifOrientation;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;

/** An executor that would score with something else than the driver refuses to. */
class ScoringSpecTest {
    private static final ScoringSpec SPEC = new ScoringSpec(
            "id",
            List.of("clip=models/clip"),
            "/work",
            List.of(),
            "cpu",
            16,
            ExifOrientation.IGNORE,
            new SharedPaths(),
            "build 1",
            Map.of("clip", "{sha256: a}"));

    @Test
    void otherBuildsAndOtherModelsAreRefusedWithBothSides() {
        SPEC.requireBuild("build 1");
        SPEC.requireFacts(Map.of("clip", "{sha256: a}"));
        assertThatThrownBy(() -> SPEC.requireBuild("build 2"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("build 2, the driver has build 1");
        assertThatThrownBy(() -> SPEC.requireFacts(Map.of("clip", "{sha256: b}")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("reward clip: its files or settings")
                .hasMessageContaining("{sha256: b} here, {sha256: a} there");
    }
}
