package org.imagerl.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.imagerl.spi.io.CacheFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShippedCheckpointTest {
    @TempDir
    private Path folder;

    private CacheFolder cache() throws IOException {
        return CacheFolder.open(folder.resolve("cache"));
    }

    @Test
    void aFolderArrivesUnderItsHashAndIsUnpackedOnce() throws IOException {
        Path checkpoint = folder.resolve("my model");
        Files.createDirectories(checkpoint.resolve("unet"));
        Files.writeString(checkpoint.resolve("model_index.json"), "{}");
        Files.writeString(checkpoint.resolve("unet/config.json"), "{\"a\": 1}");
        Path archive = ShippedCheckpoint.pack(checkpoint, folder);
        Path arrived = ShippedCheckpoint.unpacked(archive, cache());
        assertThat(arrived).hasFileName("my model");
        assertThat(arrived.resolve("unet/config.json")).hasContent("{\"a\": 1}");
        Object first = Files.getLastModifiedTime(arrived.resolve("model_index.json"));
        assertThat(ShippedCheckpoint.unpacked(archive, cache())).isEqualTo(arrived);
        assertThat(Files.getLastModifiedTime(arrived.resolve("model_index.json")))
                .isEqualTo(first);
        Files.writeString(checkpoint.resolve("unet/config.json"), "{\"a\": 2}");
        assertThat(ShippedCheckpoint.pack(checkpoint, folder)).isNotEqualTo(archive);
    }

    @Test
    void aSingleFileArrives() throws IOException {
        Path checkpoint = Files.writeString(folder.resolve("sd.safetensors"), "weights");
        Path arrived = ShippedCheckpoint.unpacked(ShippedCheckpoint.pack(checkpoint, folder), cache());
        assertThat(arrived).hasFileName("sd.safetensors").hasContent("weights");
    }

    @Test
    void nothingIsUnpackedOutsideOfItsFolder() throws IOException {
        Path archive = folder.resolve("checkpoint-0.zip");
        try (OutputStream out = Files.newOutputStream(archive);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("../outside"));
        }
        assertThatThrownBy(() -> ShippedCheckpoint.unpacked(archive, cache())).hasMessageContaining("../outside");
        assertThat(folder.resolve("outside")).doesNotExist();
    }
}
