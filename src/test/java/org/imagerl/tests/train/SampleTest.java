package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.imagerl.images.ImageDecoder;
import org.imagerl.images.PngText;
import org.imagerl.images.PngWriter;
import org.imagerl.testkit.CloseImages;
import org.imagerl.tests.Paths;
import org.imagerl.tests.Said;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code imagerl sample} on a folder that it has begun. */
class SampleTest {
    private static final FileTime LONG_AGO = FileTime.fromMillis(0);

    @TempDir
    private Path scratch;

    private static Said sample(Path out, String... more) {
        return sample(Paths.tinyCheckpoint(), out, more);
    }

    private static Said sample(Path checkpoint, Path out, String... more) {
        List<String> words = new ArrayList<>(List.of("sample", "--checkpoint", checkpoint.toString()));
        words.addAll(List.of("--prompt", "the cat", "--prompt", "the dog", "--steps", "2", "--out", out.toString()));
        words.addAll(List.of(more));
        return Said.by(words.toArray());
    }

    @Test
    void whatIsMissingIsMadeAndTheRestIsLeftAsItIs() throws IOException {
        Path whole = scratch.resolve("whole");
        assertThat(sample(whole, "--seeds", "0-1").code()).isZero();
        Path begun = scratch.resolve("begun");
        assertThat(sample(begun, "--seeds", "0-1", "--batch", "3").code()).isZero();
        Path kept = begun.resolve("p000-s1.png");
        for (String lost : List.of("p000-s0.png", "p001-s1.png", "prompts.jsonl", "grid.png")) {
            Files.delete(begun.resolve(lost));
        }
        Files.setLastModifiedTime(kept, LONG_AGO);
        Said again = sample(begun, "--seeds", "0-1");
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(Files.getLastModifiedTime(kept)).isEqualTo(LONG_AGO);
        for (String name : List.of("p000-s0.png", "p000-s1.png", "p001-s0.png", "p001-s1.png", "grid.png")) {
            CloseImages.requireWithinOneByte(
                    name, ImageDecoder.decode(begun.resolve(name)), ImageDecoder.decode(whole.resolve(name)));
        }
        assertThat(begun.resolve("prompts.jsonl")).hasSameTextualContentAs(whole.resolve("prompts.jsonl"));
    }

    @Test
    void aFinishedFolderIsLeftAloneAndOtherSettingsAreRefused() throws IOException {
        Path out = scratch.resolve("out");
        assertThat(sample(out).code()).isZero();
        Files.setLastModifiedTime(out.resolve("grid.png"), LONG_AGO);
        Said again = sample(out);
        assertThat(again.code()).isZero();
        assertThat(again.out()).endsWith("written: " + out + System.lineSeparator());
        assertThat(again.err()).doesNotContain("sample 4/4");
        assertThat(Files.getLastModifiedTime(out.resolve("grid.png"))).isEqualTo(LONG_AGO);
        for (String[] other : List.of(
                new String[] {"--guidance", "2"},
                new String[] {"--eta", "1"},
                new String[] {"--negative", "blurred"},
                new String[] {"--width", "48"})) {
            Said refused = sample(out, other);
            assertThat(refused.code()).as(other[0]).isEqualTo(2);
            assertThat(refused.err()).contains("p000-s0.png", "was made with another", "delete the folder", "--out");
        }
        assertThat(sample(out, "--seeds", "1").err()).contains("p000-s0.png: exists already and is none of the images");
    }

    private Path copiedCheckpoint() throws IOException {
        Path from = Paths.tinyCheckpoint();
        Path to = scratch.resolve("copied");
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
        return to;
    }

    @Test
    void otherWeightsInTheSamePlaceAreRefused() throws IOException {
        Path checkpoint = copiedCheckpoint();
        Path out = scratch.resolve("out");
        assertThat(sample(checkpoint, out).code()).isZero();
        Files.writeString(checkpoint.resolve("notes.txt"), "no part of it");
        assertThat(sample(checkpoint, out).code()).isZero();
        Path weights = checkpoint.resolve("unet/diffusion_pytorch_model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1] ^= 1;
        Files.write(weights, bytes);
        Said refused = sample(checkpoint, out);
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("was made with another origin (checkpoint ");
    }

    /** They do not say which files they were made with. */
    @Test
    void imagesOfEarlierVersionsAreKept() throws IOException {
        Path out = scratch.resolve("out");
        assertThat(sample(out).code()).isZero();
        Path old = out.resolve("p000-s0.png");
        Map<String, String> texts = new TreeMap<>(PngText.read(old));
        assertThat(texts.remove("origin")).startsWith("checkpoint ");
        PngWriter.write(old, ImageDecoder.decode(old), texts);
        assertThat(sample(out).code()).isZero();
        texts.remove("steps");
        PngWriter.write(old, ImageDecoder.decode(old), texts);
        assertThat(sample(out).err()).contains("was made with another steps (none)");
    }

    @Test
    void aFileInThePlaceOfTheFolderIsRefused() throws IOException {
        Path out = Files.writeString(scratch.resolve("out"), "mine");
        Said refused = sample(out);
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("exists already", "delete it or name another folder");
        assertThat(out).hasContent("mine");
    }

    @Test
    void noTwoPromptsShareASeedIfSeedsAreGivenPerPrompt() throws IOException {
        Path out = scratch.resolve("out");
        Said said = sample(out, "--seeds-per-prompt", "2");
        assertThat(said.code()).as(said.err()).isZero();
        assertThat(Files.readAllLines(out.resolve("prompts.jsonl")))
                .containsExactly(
                        "{\"file_name\":\"p000-s0.png\",\"prompt\":\"the cat\",\"seed\":0}",
                        "{\"file_name\":\"p000-s1.png\",\"prompt\":\"the cat\",\"seed\":1}",
                        "{\"file_name\":\"p001-s2.png\",\"prompt\":\"the dog\",\"seed\":2}",
                        "{\"file_name\":\"p001-s3.png\",\"prompt\":\"the dog\",\"seed\":3}");
        assertThat(PngText.read(out.resolve("p001-s3.png")))
                .containsEntry("prompt", "the dog")
                .containsEntry("seed", "3")
                .containsEntry("steps", "2");
    }

    @Test
    void aSchedulerIsChosenByNameAndOneThatDoesNotFitIsRefused() throws IOException {
        Path ddim = scratch.resolve("ddim");
        Path usual = scratch.resolve("usual");
        assertThat(sample(ddim, "--scheduler", "ddim").code()).isZero();
        assertThat(sample(usual).code()).isZero();
        CloseImages.requireWithinOneByte(
                "ddim", ImageDecoder.decode(ddim.resolve("grid.png")), ImageDecoder.decode(usual.resolve("grid.png")));
        Path unipc = scratch.resolve("unipc");
        Said made = sample(unipc, "--scheduler", "{type: unipc, sigmas: karras}");
        assertThat(made.code()).as(made.err()).isZero();
        assertThat(PngText.read(unipc.resolve("p000-s0.png")).get("dynamics")).contains("unipc", "sigmas: karras");
        assertThat(sample(scratch.resolve("a"), "--scheduler", "dpmp-2m").err()).contains("dpmpp-2m");
        assertThat(sample(scratch.resolve("b"), "--scheduler", "flow-heun").err())
                .contains("flow-heun", "flow-matching checkpoint", "this one is diffusion");
        assertThat(sample(scratch.resolve("c"), "--scheduler", "euler", "--dynamics", "ode")
                        .err())
                .contains("give one of them");
    }

    @Test
    void whatIsMissingToBeginWithAnImageIsSaid() {
        Path image = Paths.golden().resolve("calls/sd/image.png");
        Path painting = Paths.golden().resolve("calls/sd-inpaint-tiny");
        assertThat(sample(scratch.resolve("a"), "--mask", image.toString()).err())
                .contains("--mask needs an image to begin with: --image FILE");
        Said none = sample(scratch.resolve("b"), "--image", image.toString(), "--strength", "0.3");
        assertThat(none.err()).contains("strength: 0.3 of 2 steps is none");
        assertThat(sample(scratch.resolve("c"), "--image", image.toString(), "--strength", "1.5")
                        .err())
                .contains("strength: 1.5", "to 1");
        Said unmasked = sample(painting, scratch.resolve("d"), "--image", image.toString());
        assertThat(unmasked.code()).isEqualTo(2);
        assertThat(unmasked.err()).contains("StableDiffusionInpaintPipeline", "--image and --mask");
    }

    @Test
    void whatIsNoSamplerOrNoFileIsSaidInOneLine() {
        Path out = scratch.resolve("none");
        assertRefused(
                sample(out, "--scheduler", "eulr"),
                "--scheduler eulr: there is no dynamics named eulr; did you mean euler? (known: cps");
        assertRefused(sample(out, "--dynamics", "DDIMSchedular"), "did you mean DDIMScheduler? (known: ");
        assertRefused(sample(out, "--scheduler", "{type: euler, spacing: middle}"), "spacing: must be one of");
        assertRefused(sample(out, "--scheduler", ""), "--scheduler is empty; it takes one of cps");
        assertRefused(
                sample(out, "--scheduler", "euler", "--eta", "0.5"), "--scheduler euler is not DDIM; leave --eta out");
        assertRefused(sample(out, "--eta", "3"), "--eta 3.0: eta: must be from 0");
        assertRefused(sample(out, "--image", ""), "--image is empty; it takes a file");
        assertThat(out).doesNotExist();
    }

    private static void assertRefused(Said said, String message) {
        assertThat(said.code()).as(said.err()).isEqualTo(2);
        assertThat(said.err().strip()).contains(message).doesNotContain("\n");
    }

    @Test
    void aSamplerHasTheNameOfItsClassInDiffusersToo() {
        Path out = scratch.resolve("out");
        assertThat(sample(out, "--scheduler", "DDIMScheduler").code()).isZero();
        assertThat(sample(out, "--scheduler", "ddim").err()).isEmpty(); // the same images, which are there
        assertThat(sample(out, "--dynamics", "ddim").err()).contains("was made with another"); // with noise
    }

    /** Nothing of the checkpoint is the LoRA's image and nothing else the checkpoint's own, with trained text encoders too. */
    @Test
    void imagesAreCorrectedTowardsTheCheckpointWithoutItsLora() throws IOException {
        TinyRun run = new TinyRun(
                scratch.resolve("trained"),
                "epochs=1",
                "evaluation=",
                "tuning={type: lora, components: [unet, text_encoder], rank: 2, alpha: 4, targets: [to_q, to_v, fc1]}",
                "run={save_every: 1, sample_every: 1}",
                "samples={prompts: 1, seeds: [0]}");
        String lora = run.start().export() + ":100";
        byte[] plain = first("plain");
        byte[] tuned = first("tuned", "--lora", lora);
        assertThat(tuned).isNotEqualTo(plain);
        assertThat(first("none", "--lora", lora, "--reference", "0")).isEqualTo(tuned);
        assertThat(first("all", "--lora", lora, "--reference", "1")).isEqualTo(plain);
        byte[] late = first("late", "--lora", lora, "--reference", "1", "--reference-from", "0.5");
        assertThat(late).isNotEqualTo(tuned).isNotEqualTo(plain);
        byte[] half = first("half", "--lora", lora, "--reference", "0.5");
        assertThat(half).isNotEqualTo(tuned).isNotEqualTo(plain);
        assertThat(sample(scratch.resolve("no"), "--reference", "0.5").err())
                .contains("--reference corrects towards the checkpoint without its LoRA, and there is none");
        assertThat(sample(scratch.resolve("no"), "--reference-to", "0.5").err())
                .contains("--reference-to needs a correction");
        assertThat(sample(scratch.resolve("no"), "--lora", lora, "--reference", "2")
                        .err())
                .contains("--reference must be from 0 to 1, not 2.0");
    }

    private byte[] first(String name, String... more) {
        Path out = scratch.resolve(name);
        Said said = sample(out, more);
        assertThat(said.code()).as(said.err()).isZero();
        return ImageDecoder.decode(out.resolve("p000-s0.png")).rgb();
    }
}
