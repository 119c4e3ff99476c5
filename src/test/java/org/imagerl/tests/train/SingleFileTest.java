package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.imagerl.images.ImageDecoder;
import org.imagerl.testkit.CloseImages;
import org.imagerl.tests.Paths;
import org.imagerl.tests.Said;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a single file to a single file: training, sampling and merging without a folder of diffusers. */
class SingleFileTest {
    private static final Path FOLDER = Paths.golden().resolve("single-files/sd1");
    private static final Path FILE = FOLDER.resolve("checkpoint.safetensors");
    private static final Path TOKENIZER = FOLDER.resolve("folder/tokenizer");

    @TempDir
    private Path scratch;

    private Said by(Path checkpoint, String verb, Object... more) {
        List<Object> words = new ArrayList<>(List.of(verb));
        words.addAll(List.of(more));
        words.addAll(List.of("--checkpoint", checkpoint, "--component", "tokenizer=" + TOKENIZER));
        return Said.by(words.toArray());
    }

    private Path image(Path checkpoint, String name, Object... more) {
        Path out = scratch.resolve(name);
        List<Object> words = new ArrayList<>(List.of(more));
        words.addAll(List.of("--prompt", "a cat", "--steps", "1", "--width", "16", "--height", "16", "--out", out));
        Said said = by(checkpoint, "sample", words.toArray());
        assertThat(said.code()).as(said.err()).isZero();
        return out.resolve("p000-s0.png");
    }

    @Test
    void aRunOnASingleFileIsMergedIntoASingleFile() {
        TinyRun run = new TinyRun(
                scratch,
                "checkpoint=" + FILE,
                "model.components.tokenizer=" + TOKENIZER,
                "epochs=1",
                "evaluation.samples_per_prompt=1",
                "samples={prompts: 1, seeds: [0]}");
        assertThat(run.start().finished()).isTrue();
        Path trained = run.path();
        Path merged = scratch.resolve("merged.safetensors");
        Said export = by(FILE, "export", trained, "--single-file", merged);
        assertThat(export.code()).as(export.err()).isZero();
        try (SafetensorsFile before = SafetensorsFile.open(FILE);
                SafetensorsFile after = SafetensorsFile.open(merged)) {
            assertThat(after.names()).containsExactlyInAnyOrderElementsOf(before.names());
            assertThat(after.names().stream().filter(name -> !after.read(name).equals(before.read(name))))
                    .as("changed weights")
                    .isNotEmpty()
                    .allMatch(name -> name.startsWith("model.diffusion_model.") && name.endsWith(".weight"));
        }
        // In half precision the weights of the merged file are rounded, those of the adapter are not.
        Path exact = scratch.resolve("exact.safetensors");
        assertThat(by(FILE, "export", trained, "--single-file", exact, "--dtype", "float32")
                        .code())
                .isZero();
        CloseImages.requireWithinOneByte(
                "merged",
                ImageDecoder.decode(image(exact, "by-merged")),
                ImageDecoder.decode(image(FILE, "by-adapter", "--lora", trained)));
        Said kohya = by(FILE, "export", trained, "--format", "kohya", "--out", scratch.resolve("kohya.safetensors"));
        assertThat(kohya.code()).as(kohya.err()).isZero();
    }

    @Test
    void whatASingleFileLacksIsNamedWithTheRemedy() {
        Said refused = Said.by("sample", "--checkpoint", FILE, "--prompt", "x", "--out", scratch.resolve("a"));
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err())
                .contains("is Stable Diffusion 1.x", "tokenizer: no single file has one; hf download", "--component");
        Said unknown = by(FILE, "sample", "--prompt", "x", "--out", scratch.resolve("b"), "--component", "vea=" + FILE);
        assertThat(unknown.err()).contains("\"vea\"", "did you mean vae?");
        Said other =
                by(FILE, "sample", "--prompt", "x", "--out", scratch.resolve("c"), "--component", "vae=" + TOKENIZER);
        assertThat(other.err()).contains(TOKENIZER.toString(), "config.json");
        Said undescribed =
                by(FILE, "sample", "--prompt", "x", "--out", scratch.resolve("d"), "--component", "config=" + scratch);
        assertThat(undescribed.err()).contains("is no folder that describes a checkpoint");
        Said form = Said.by("inspect", FILE, "--component", "vae");
        assertThat(form.err()).contains("NAME=PATH");
        assertThat(List.of(unknown.code(), other.code(), form.code())).containsOnly(2);
    }

    @Test
    void aComponentOfACheckpointFolderMayBeFromElsewhere() {
        Path own = Objects.requireNonNull(image(Paths.tinyCheckpoint(), "own"));
        Path other = image(Paths.tinyCheckpoint(), "other", "--component", "vae=" + FILE);
        assertThat(ImageDecoder.decode(other).rgb())
                .isNotEqualTo(ImageDecoder.decode(own).rgb());
    }
}
