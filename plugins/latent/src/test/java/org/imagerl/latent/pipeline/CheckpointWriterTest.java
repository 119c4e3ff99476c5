package org.imagerl.latent.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.imagerl.latent.source.CheckpointSource;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.safetensors.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointWriterTest {
    @TempDir
    Path folder;

    @Test
    void aPlaceThatCannotBeWrittenIsNoLackOfSpaceAndIsNamedOnce() throws IOException {
        Path target = Files.writeString(folder.resolve("file"), "").resolve("merged");
        Files.writeString(folder.resolve("model_index.json"), "{\"_class_name\": \"FluxPipeline\"}");
        CheckpointSource source = CheckpointSource.folder(folder);
        assertThatThrownBy(() -> CheckpointWriter.write(source, target, List.of(), component -> DType.F16))
                .isInstanceOfSatisfying(
                        UserException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(UserException.Kind.ENVIRONMENT))
                .hasMessageStartingWith(target + ": cannot be written")
                .hasMessageNotContaining(".tmp");
    }
}
