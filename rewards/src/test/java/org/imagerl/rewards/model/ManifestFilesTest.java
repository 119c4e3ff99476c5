package org.imagerl.rewards.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.imagerl.rewards.model.OnnxConfig.FormulaConfig;
import org.imagerl.rewards.model.OnnxConfig.GoldenPair;
import org.imagerl.spi.Reward;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of files in a stranger's manifest. */
class ManifestFilesTest {
    @TempDir
    private Path parent;

    private Path folder;

    @BeforeEach
    void makeAModelInAFolderAndOneBesideIt() throws IOException {
        folder = Files.createDirectory(parent.resolve("reward"));
        TinyModels.write(folder, TinyModels.brightness(-1, 3, 8, 8));
        TinyModels.brightness(-1, 3, 8, 8).write(parent.resolve("other.onnx"));
    }

    private static OnnxConfig config(Path folder, String model, String golden) {
        OnnxConfig d = TinyModels.config("onnx", folder);
        return new OnnxConfig(
                folder.toString(),
                null,
                model == null ? null : new OnnxConfig.Files(model, null, null, null),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                golden == null ? null : List.of(new GoldenPair(golden, null, 1, null)),
                null,
                d.device());
    }

    @ParameterizedTest
    @ValueSource(strings = {"../other.onnx", "sub/../../other.onnx", "/etc/passwd", "..", "", " "})
    void aNameThatLeadsOutOfTheFolderIsRefused(String name) {
        assertThatThrownBy(() -> TinyModels.reward(config(folder, name, null)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("files.model is \"" + name + "\"")
                .hasMessageContaining(folder.toString());
        assertThatThrownBy(() -> TinyModels.reward(config(folder, null, name)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("golden[0].image is \"" + name + "\"");
    }

    @Test
    void aLinkThatLeadsOutOfTheFolderIsRefused() throws IOException {
        Files.createSymbolicLink(folder.resolve("link.onnx"), parent.resolve("other.onnx"));
        assertThatThrownBy(() -> TinyModels.reward(config(folder, "link.onnx", null)))
                .hasMessageContaining("files.model is \"link.onnx\", which is a link out of this folder");
        assertThatThrownBy(() -> TinyModels.reward(config(folder, null, "link.onnx")))
                .hasMessageContaining("golden[0].image is \"link.onnx\", which is a link out of this folder");
    }

    @Test
    void aFolderIsNoModel() throws IOException {
        Files.createDirectory(folder.resolve("sub"));
        assertThatThrownBy(() -> TinyModels.reward(config(folder, "sub", null)))
                .hasMessageContaining("is a folder, not a file");
    }

    @Test
    void aNameInTheFolderIsReadAndSoIsALinkWithinIt() throws IOException {
        Files.createSymbolicLink(folder.resolve("link.onnx"), Path.of("model.onnx"));
        assertThatCode(() ->
                        TinyModels.reward(config(folder, "link.onnx", null)).close())
                .doesNotThrowAnyException();
    }

    @Test
    void theLinksOfHuggingFacesCacheAreNoWayOut() throws IOException {
        Path blobs = Files.createDirectories(parent.resolve("models--a--b/blobs"));
        Path snapshot = Files.createDirectories(parent.resolve("models--a--b/snapshots/1234"));
        Files.copy(folder.resolve("model.onnx"), blobs.resolve("aa"));
        Files.copy(folder.resolve("preprocessor_config.json"), blobs.resolve("bb"));
        Files.createSymbolicLink(snapshot.resolve("scorer.onnx"), Path.of("../../blobs/aa"));
        Files.createSymbolicLink(snapshot.resolve("preprocessor_config.json"), Path.of("../../blobs/bb"));
        try (Reward reward = TinyModels.reward(config(snapshot, "scorer.onnx", null))) {
            assertThat(reward.files()).isNotEmpty();
        }
    }

    @Test
    void theUnitReachesNoTerminalAsItIs() {
        OnnxConfig d = config(folder, null, null);
        OnnxConfig escaped = new OnnxConfig(
                d.folder(),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                "\u001b[31mRED",
                null,
                null,
                null,
                null,
                "cpu");
        try (Reward reward = TinyModels.reward(escaped)) {
            assertThat(reward.spec().unit()).isEqualTo("\\u001b[31mRED");
        }
    }

    @Test
    void numbersThatAreNoneAreRefused() {
        assertThatThrownBy(() -> new FormulaConfig(Double.NaN, null, null, null))
                .hasMessageContaining("formula.scale is NaN");
        assertThatThrownBy(() -> new FormulaConfig(null, null, 2.0, 1.0)).hasMessageContaining("formula.min is 2.0");
        assertThatThrownBy(() -> new GoldenPair("a.png", null, 1, -1.0)).hasMessageContaining("tolerance is -1.0");
        assertThatThrownBy(() -> new GoldenPair("a.png", null, Double.POSITIVE_INFINITY, null))
                .hasMessageContaining("score is Infinity");
    }
}
