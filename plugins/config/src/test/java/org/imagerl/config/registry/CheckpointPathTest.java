package org.imagerl.config.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointPathTest {
    @TempDir
    private Path folder;

    private static String problem(Path path, String written) {
        UserException problem = CheckpointPath.problem(path, written, List.of("stable-diffusion"));
        assertThat(problem.kind()).isEqualTo(UserException.Kind.INPUT);
        return String.valueOf(problem.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "model.safetensors, is no single file of a known family",
        "model.gguf, is a GGUF file",
        "model.ckpt, a pickle",
        "model.PT, a pickle",
        "model_index.json, name its folder",
        "notes.txt, is a file"
    })
    void aFileIsNoFolder(String name, String reason) throws IOException {
        Path file = Files.writeString(folder.resolve(name), "x");
        assertThat(problem(file, name)).contains(file.toString(), reason, "model_index.json");
    }

    @ParameterizedTest
    @CsvSource({
        "~/models/words, write the whole path",
        "'C:\\models\\words', a path of Windows",
        "runwayml/stable-diffusion-v1-5, hf download runwayml/stable-diffusion-v1-5",
        "https://huggingface.co/a/b, is an address",
        "s3://bucket/sd.safetensors, is an address",
        "models/sd.safetensors, there is no such file or folder",
        "models/words/a, there is no such file or folder"
    })
    void aMissingFolderHasTheRemedyOfItsSpelling(String written, String reason) {
        assertThat(problem(folder.resolve(written), written)).contains(reason);
    }

    @Test
    void aNameBesideOtherFoldersIsNoNameOnAHub() throws IOException {
        Files.createDirectories(folder.resolve("models"));
        assertThat(problem(folder.resolve("models/words"), "models/words"))
                .contains("there is no such file or folder")
                .doesNotContain("hf download");
    }

    @Test
    void aFolderSaysWhatItIsInPlaceOfACheckpoint() throws IOException {
        Path unet = Files.createDirectories(folder.resolve("whole/unet"));
        Files.writeString(unet.resolve("config.json"), "{}");
        assertThat(problem(unet, "unet")).contains("is one model, not a whole checkpoint");
        Files.writeString(
                folder.resolve("whole/model_index.json"), "{\"_class_name\": \"StableDiffusionInpaintPipeline\"}");
        assertThat(problem(unet, "unet")).contains("is one component of a checkpoint: name ");
        assertThat(problem(folder.resolve("whole"), "whole")).contains("an inpainting checkpoint", "9 channels");
        Path cache = Files.createDirectories(folder.resolve("models--a--b/snapshots/1"))
                .getParent()
                .getParent();
        assertThat(problem(cache, "b")).contains("below its snapshots/");
        Path single = Files.createDirectories(folder.resolve("single"));
        Files.writeString(single.resolve("sd.safetensors"), "x");
        assertThat(problem(single, "single")).contains("a single file of weights: name that file");
        assertThat(problem(Files.createDirectories(folder.resolve("empty")), "empty"))
                .contains("has no model_index.json");
    }

    @ParameterizedTest
    @CsvSource({"pytorch_lora_weights.safetensors", "adapter_config.json"})
    void aRunOrAnAdapterIsNoCheckpoint(String name) throws IOException {
        Files.writeString(folder.resolve(name), "x");
        assertThat(problem(folder, "runs/a"))
                .contains("the weights of a LoRA alone", "--lora")
                .doesNotContain("name that file");
    }

    @Test
    void whatIsNeitherFileNorFolderIsNamed() {
        Path device = Path.of("/dev/zero");
        assumeTrue(Files.exists(device));
        assertThat(problem(device, "/dev/zero"))
                .contains("is a device, pipe or socket")
                .doesNotContain("no such");
    }

    @Test
    void wordsOfAStrangersFileAreQuoted() throws IOException {
        Files.writeString(folder.resolve("model_index.json"), "{\"_class_name\": \"a\\u001b[31mb\"}");
        assertThat(problem(folder, "x"))
                .contains("is no checkpoint folder of a known family")
                .doesNotContain("\u001b");
    }
}
