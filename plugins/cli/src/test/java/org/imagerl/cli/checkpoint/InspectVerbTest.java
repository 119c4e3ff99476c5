package org.imagerl.cli.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.cli.Run;
import org.imagerl.spi.lora.LoraPair;
import org.imagerl.spi.lora.LoraWeights;
import org.imagerl.toolkit.lora.files.LoraFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InspectVerbTest {
    @TempDir
    private Path folder;

    /** A LoRA of rank 1 on one layer. */
    static Path lora(Path folder) {
        LoraPair pair = new LoraPair(new float[] {1, 2}, new Shape(1, 2), new float[] {3, 4, 5}, new Shape(3, 1), 2);
        String layer = "unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q";
        return LoraFiles.writeRun(folder, LoraWeights.of(Map.of(layer, pair), Map.of("seed", "7")));
    }

    @Test
    void aLoraIsNamedWithItsLayoutAndTools() {
        Run run = Run.of("inspect", lora(folder).toString());
        assertThat(run.code()).isZero();
        assertThat(run.out())
                .contains("a LoRA in diffusers layout")
                .contains("loaded by: diffusers")
                .contains("imagerl.seed");
    }

    private static final Path WORDS = Path.of("../../samples/words");

    @Test
    void aCheckpointIsNamedWithThePipelineThatLoadsIt() {
        Run run = Run.of("inspect", WORDS.toString());
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("StableDiffusionPipeline").contains("imagerl (pipeline stable-diffusion)");
    }

    /** A copy of a shipped checkpoint in which one text is another. */
    private Path changed(String file, String from, String to) throws IOException {
        Path copy = folder.resolve("copy");
        try (Stream<Path> files = Files.walk(WORDS)) {
            for (Path one : files.filter(Files::isRegularFile).toList()) {
                Path target = copy.resolve(WORDS.relativize(one).toString());
                Files.createDirectories(target.getParent());
                Files.copy(one, target);
            }
        }
        String text = Files.readString(copy.resolve(file));
        assertThat(text).contains(from);
        Files.writeString(copy.resolve(file), text.replace(from, to));
        return copy;
    }

    @ParameterizedTest
    @CsvSource({
        "scheduler/scheduler_config.json, DDIMScheduler, EDMEulerScheduler, preconditioning",
        "unet/config.json, CrossAttnUpBlock2D, UpBlock2D, unet",
        "unet/config.json, '[ 8, 16 ]', '[ 8, 32768 ]', sample_size is 32768",
        "model_index.json, StableDiffusionPipeline, StableDiffusionInstructPix2PixPipeline, edits images"
    })
    void whatTheLoaderRefusesIsSaidWithItsReason(String file, String from, String to, String reason)
            throws IOException {
        Run run = Run.of("inspect", changed(file, from, to).toString());
        assertThat(run.code()).isZero();
        assertThat(run.out())
                .contains("not loaded by imagerl: ")
                .contains(reason)
                .doesNotContain("loaded by: imagerl");
    }

    @Test
    void whatDiffusersMissesIsSaidAndAnotherSchedulerToo() throws IOException {
        Path copy = changed("model_index.json", "\"DDIMScheduler\"", "\"PNDMScheduler\"");
        assertThat(Run.of("inspect", copy.toString()).out())
                .contains("loaded by: diffusers (DiffusionPipeline.from_pretrained")
                .contains("names the scheduler \"PNDMScheduler\"")
                .contains("is of \"DDIMScheduler\": diffusers follows the first, imagerl the second");
        Files.delete(copy.resolve("vae/diffusion_pytorch_model.safetensors"));
        assertThat(Run.of("inspect", copy.toString()).out())
                .contains("not loaded by diffusers: \"vae\" has no weights")
                .doesNotContain("loaded by: diffusers");
    }

    @Test
    void aFolderOfTheHalfPrecisionVariantIsLoadedAndSaidToBeOne() throws IOException {
        Path copy = changed("model_index.json", "StableDiffusionPipeline", "StableDiffusionPipeline");
        for (String component : List.of("unet", "vae")) {
            Files.move(
                    copy.resolve(component + "/diffusion_pytorch_model.safetensors"),
                    copy.resolve(component + "/diffusion_pytorch_model.fp16.safetensors"));
        }
        assertThat(Run.of("inspect", copy.toString()).out())
                .contains("variant=\"fp16\"")
                .contains("loaded by: imagerl (pipeline stable-diffusion)");
    }

    @Test
    void allPathsAreInspectedWhateverIsWrongWithOne() {
        String good = lora(folder).toString();
        Run run = Run.of("inspect", good, folder.resolve("none").toString(), good);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.out().split("a LoRA in diffusers layout", -1)).hasSize(3);
        assertThat(run.err()).contains("none: there is no such file or folder");
    }

    @Test
    void aRunIsInspectedAndExportedByItsBestCheckpoint() throws IOException {
        Path run = Files.createDirectories(folder.resolve("run"));
        Files.writeString(run.resolve("config.yaml"), "epochs: 3");
        for (int step = 1; step <= 3; step++) {
            Path checkpoint = Files.createDirectories(run.resolve("checkpoints/step-00000000" + step));
            lora(checkpoint);
            Files.writeString(checkpoint.resolve("score"), step == 2 ? "0.9" : "0.1");
        }
        lora(run);
        Run inspected = Run.of("inspect", run.toString());
        assertThat(inspected.code()).isZero();
        assertThat(inspected.out())
                .contains("a run of imagerl", "checkpoints: 3", "a LoRA in diffusers layout")
                .containsPattern("best: .*step-000000002");
        assertThat(RunLora.find(run).getFileName()).hasToString("step-000000002");
        Run exported = Run.of("export", run.toString(), "--format", "kohya", "--out", folder + "/x.safetensors");
        assertThat(exported.code()).isZero();
        assertThat(exported.err()).contains("step-000000002");
        for (int step = 1; step <= 3; step++) {
            Files.delete(run.resolve("checkpoints/step-00000000" + step + "/score"));
        }
        assertThat(RunLora.find(run).getFileName()).hasToString("step-000000003");
    }

    @Test
    void aCheckpointOfAnotherClassIsSaidNotToBeLoaded() throws IOException {
        Files.writeString(folder.resolve("model_index.json"), "{\"_class_name\": \"KandinskyPipeline\"}");
        assertThat(Run.of("inspect", folder.toString()).out()).contains("not loaded by imagerl");
    }

    @Test
    void aDamagedFileIsAnInputErrorInOneLine() throws IOException {
        Path file = Files.write(folder.resolve("cut.safetensors"), new byte[] {1, 2, 3});
        Run run = Run.of("inspect", file.toString());
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err().lines().toList()).hasSize(1).allMatch(line -> line.startsWith("imagerl: " + file));
    }

    @Test
    void exportWritesTheLayoutsThatWereAskedForAndNeverOverwrites() {
        Path lora = lora(folder);
        Path kohya = folder.resolve("out.safetensors");
        assertThat(Run.of("export", lora.toString(), "--format", "kohya", "--out", kohya.toString())
                        .code())
                .isZero();
        assertThat(Run.of("inspect", kohya.toString()).out())
                .contains("a LoRA in kohya layout")
                .contains("ss_seed")
                .contains("ss_output_name");
        Run again = Run.of("export", lora.toString(), "--format", "kohya", "--out", kohya.toString());
        assertThat(again.code()).isEqualTo(2);
        assertThat(again.err()).contains("exists already");
        List<String> peft = List.of("export", lora.toString(), "--format", "peft", "--out", folder + "/peft");
        assertThat(Run.of(peft.toArray(String[]::new)).code()).isZero();
        assertThat(Run.of("inspect", folder + "/peft").out()).contains("an adapter folder in peft layout");
    }

    @Test
    void aMissingPathHasTheRemedyOfItsSpellingWhereverItIsNamed() {
        String lora = lora(folder).toString();
        String hub = "nobody/stable-diffusion-v1-5";
        String out = folder + "/b.safetensors";
        assertThat(Run.of("inspect", hub).err()).contains("hf download " + hub);
        assertThat(Run.of("export", hub, "--out", out).err()).contains("hf download " + hub);
        assertThat(Run.of("export", lora, "--checkpoint", hub, "--out", out).err())
                .contains("hf download " + hub);
        assertThat(Run.of("export", lora, "--checkpoint", lora, "--out", out).err())
                .contains("is a LoRA in diffusers layout; name the checkpoint that it was trained on");
        assertThat(Run.of("export", lora, "--checkpoint", "~/x", "--merge", "--out", out)
                        .err())
                .contains("the home folder for a shell only");
    }

    @Test
    void anUnknownLayoutIsAnsweredWithTheNearest() {
        Run run = Run.of("export", lora(folder).toString(), "--format", "koya", "--out", folder + "/b.safetensors");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("no LoRA layout named koya").contains("did you mean kohya?");
    }

    @Test
    void anExportOfSomethingElseIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("a.txt"), "no LoRA");
        Run run = Run.of("export", file.toString(), "--out", folder + "/b.safetensors");
        assertThat(run.code()).isEqualTo(2);
        assertThat(folder.resolve("b.safetensors")).doesNotExist();
    }

    @Test
    void aTextOrAnImageIsNamedAsWhatItIs() throws IOException {
        Path yaml = Files.writeString(folder.resolve("run.yaml"), "algorithm: ddpo\n");
        Path text = Files.writeString(folder.resolve("notes.safetensors"), "größer als nichts");
        Path image = Files.write(folder.resolve("a.png"), new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0});
        Run run = Run.of("inspect", yaml.toString(), text.toString(), image.toString());
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err())
                .contains(yaml + ": is a text, not weights; if it is a configuration, imagerl config check reads it")
                .contains(text + ": is a text, not weights; name the .safetensors file or the folder of the model")
                .contains(image + ": is an image, not weights")
                .doesNotContain("bytes long");
    }
}
