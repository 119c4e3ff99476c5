package org.imagerl.cli.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.imagerl.cli.Run;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.Claim;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTest {
    @TempDir
    private Path folder;

    @Test
    void seedsAreNumbersAndRanges() {
        assertThat(Seeds.parse("7")).containsExactly(7L);
        assertThat(Seeds.parse("3,0-2,9")).containsExactly(3L, 0L, 1L, 2L, 9L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "1,", "5-3", "-1", "0-99999999", "1.5"})
    void otherSeedsAreRefused(String text) {
        assertThatThrownBy(() -> Seeds.parse(text))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("--seeds");
    }

    @Test
    void aLoraMayHaveAScale() throws IOException {
        Path file = Files.createFile(folder.resolve("a.safetensors"));
        assertThat(LoraArgument.parse(file.toString())).isEqualTo(new LoraArgument(file, 1));
        assertThat(LoraArgument.parse(file + ":0.75")).isEqualTo(new LoraArgument(file, 0.75));
        assertThat(LoraArgument.parse(file + ":5e-2")).isEqualTo(new LoraArgument(file, 0.05));
        assertThat(LoraArgument.parse(file + ":-1")).isEqualTo(new LoraArgument(file, -1));
        assertThatThrownBy(() -> LoraArgument.parse(file + ":x")).isInstanceOf(UserException.class);
    }

    @Test
    void aRunStandsForWhatItTrained() throws IOException {
        Files.writeString(folder.resolve("config.yaml"), "seed: 0");
        assertThatThrownBy(() -> RunLora.find(folder)).hasMessageContaining("no checkpoint yet");
        Files.createFile(folder.resolve("pytorch_lora_weights.safetensors"));
        assertThat(RunLora.find(folder)).as("what it exported").isEqualTo(folder);
        for (String step : new String[] {"step-000000003", "step-000000004"}) {
            Path checkpoint =
                    Files.createDirectories(folder.resolve("checkpoints").resolve(step));
            Files.createFile(checkpoint.resolve("pytorch_lora_weights.safetensors"));
        }
        assertThat(RunLora.find(folder)).as("the newest").isEqualTo(folder.resolve("checkpoints/step-000000004"));
        assertThat(RunLora.why(folder, RunLora.find(folder))).isEqualTo("its newest checkpoint, as none was evaluated");
        Files.writeString(folder.resolve("checkpoints/step-000000003/score"), "0.5\n");
        assertThat(RunLora.find(folder)).as("the best").isEqualTo(folder.resolve("checkpoints/step-000000003"));
        assertThat(RunLora.why(folder, RunLora.find(folder))).isEqualTo("its best checkpoint");
    }

    @Test
    void aLoraThatGoesWithControlsIsNotTakenAlone() throws IOException {
        Path lora = Files.createFile(folder.resolve("pytorch_lora_weights.safetensors"));
        Files.createFile(folder.resolve("control.safetensors"));
        assertThatThrownBy(() -> LoraArgument.parse(folder + ":0.5"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("--control-adapter");
        assertThat(LoraArgument.parse(lora + ":0.5")).isEqualTo(new LoraArgument(lora, 0.5));
    }

    @Test
    void sampleRefusesBeforeLoadingAnything() throws IOException {
        Files.createFile(folder.resolve("old.png"));
        Run run = Run.of("sample", "--checkpoint", "../../samples/words", "--prompt", "x", "--out", folder.toString());
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("old.png: exists already").contains("--out");
        String fresh = folder.resolve("new").toString();
        assertThat(Run.of("sample", "--checkpoint", "none", "--out", fresh).err())
                .contains("--prompt TEXT");
        assertThat(Run.of("sample", "--checkpoint", "none", "--prompt", "x", "--out", fresh, "--eta", "2")
                        .err())
                .contains("eta");
        assertThat(Run.of("sample", "--checkpoint", "none", "--prompt", "x", "--seed", "1", "--seeds-per-prompt", "2")
                        .err())
                .contains("--seeds and --seeds-per-prompt");
        assertThat(Run.of("sample", "--checkpoint", "none", "--prompt", "x", "--out", fresh)
                        .err())
                .contains("none: there is no such file or folder");
        assertThat(folder.resolve("new")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({
        "--guidance, 1e300, from 1 to 10000",
        "--guidance, NaN, from 1 to 10000",
        "--width, 0, at least 1",
        "--height, -8, at least 1"
    })
    void numbersThatNoComputationSurvivesAreRefused(String option, String value, String range) {
        String fresh = folder.resolve("new").toString();
        Run run = Run.of("sample", "--checkpoint", "none", "--prompt", "x", "--out", fresh, option, value);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains(option + " must be " + range + ", not ");
    }

    @Test
    void mergingRefusesAScaleOutOfRange() throws IOException {
        Path lora = Files.createFile(folder.resolve("a.safetensors"));
        String out = folder.resolve("merged").toString();
        Run run = Run.of("export", lora.toString(), "--merge", "--checkpoint", "none", "--out", out, "--scale", "1e39");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("--scale: the scale of the LoRA must be from -1000 to 1000, not ");
    }

    @Test
    void resumeOfSomethingElseSaysWhatARunIs() {
        Run run = Run.of("resume", folder.toString());
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("is no run").contains("checkpoints/");
    }

    @ParameterizedTest
    @ValueSource(strings = {"resume", "inspect", "eval"})
    void aRunWhoseConfigurationIsNoFileIsRefused(String verb) throws IOException {
        Path config = Files.createDirectory(folder.resolve("config.yaml"));
        Run run = Run.of(verb, folder.toString());
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains(config + ": is a folder, not a file");
    }

    @Test
    void pretrainRefusesAFolderThatAnotherProcessTrainsInto() {
        Path into = folder.resolve("into");
        try (Claim other = Claim.of(into, "held")) {
            Run run = Run.of("pretrain", "../../samples/words/pretrain.yaml", "--out", into.toString());
            assertThat(run.code()).isEqualTo(2);
            assertThat(run.err()).contains(into + ": another process is training into this folder");
            other.release();
        }
        assertThat(into).doesNotExist();
    }

    @Test
    void pretrainRefusesABadFileAndAForeignFolder() throws IOException {
        Path config = Files.writeString(folder.resolve("p.yaml"), "type: stable-diffusion\nunet: {stepps: 3}\n");
        Run bad = Run.of(
                "pretrain", config.toString(), "--out", folder.resolve("out").toString());
        assertThat(bad.code()).isEqualTo(2);
        assertThat(bad.err()).contains(config + ":2: unet.stepps: is not a key; did you mean steps?");
        Files.writeString(config, "type: stable-diffusion\n");
        Run foreign = Run.of("pretrain", config.toString(), "--out", folder.toString());
        assertThat(foreign.code()).isEqualTo(2);
        assertThat(foreign.err()).contains("exists already");
    }
}
