package org.imagerl.tests.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.images.PngWriter;
import org.imagerl.testkit.TestImages;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of the three prompts the short one never succeeds: its reward is the number of its letters, and a little for the image. */
class HptRunTest {
    private static final String[] SETTINGS = {
        "evaluation=",
        "algorithm={preset: hpt, objective: {success: 10, demonstrations: {type: demonstrations, file: ../shown.csv}}}",
        "rollout.dynamics={type: ddim, eta: 1}",
        "rollout.prompts_per_epoch=3",
        "optimiser.micro_batch=3",
        "rewards=[letters-of-the-prompt, jpeg-compressibility]",
        "samples={prompts: 1, seeds: [0]}"
    };

    @TempDir
    Path scratch;

    @BeforeEach
    void writeDemonstrations() throws IOException {
        for (int i = 0; i < 4; i++) {
            PngWriter.write(scratch.resolve(i + ".png"), TestImages.noise(16, 16, i), Map.of());
        }
        Files.writeString(
                scratch.resolve("shown.csv"),
                "prompt,image\nthe dog,0.png\nthe dog,1.png\na photo of the cat,2.png\nthe cat in a photo,3.png\n");
    }

    private TinyRun run(String name, String... more) {
        return new TinyRun(
                scratch.resolve(name),
                Stream.concat(Stream.of(SETTINGS), Stream.of(more)).toArray(String[]::new));
    }

    @Test
    void itTrainsOnBothAndResumesToTheBit() {
        TinyRun whole = run("whole");
        TinyRun parts = run("parts");
        assertThat(whole.start().finished()).isTrue();
        assertThat(parts.start(TinyRun.stopAfter(1)).finished()).isFalse();
        assertThat(parts.resume(TinyRun.stopAfter(9)).finished()).isTrue();
        assertThat(parts.rows()).isEqualTo(whole.rows());
        parts.requireSameFile(whole, "checkpoints/step-000000002/trainer.safetensors");
        Map<String, Double> last = whole.rows().get(2L);
        assertThat(last.get("demonstrated_share")).isEqualTo(1.0 / 3);
        assertThat(last.get("demonstration_error")).isPositive();
        assertThat(last.get("on_policy_deviation_max")).isLessThan(1e-5);
    }

    /** Below 0 no prompt is switched: the plain recipe, to the bit. */
    @Test
    void withoutAGateItIsThePlainRecipe() {
        TinyRun shut = run("shut", "epochs=1", "algorithm.objective.gate=-1");
        TinyRun plain = run(
                "plain",
                "epochs=1",
                "algorithm=null",
                "algorithm={preset: pods, selection: all, advantage: {type: group, global_std: false}}");
        shut.start();
        plain.start();
        shut.requireSameFile(plain, "checkpoints/step-000000001/trainer.safetensors");
        assertThat(shut.rows().get(1L).get("demonstrated_share")).isZero();
    }

    @Test
    void aPromptWithoutADemonstrationIsRefusedBeforeAnythingIsSampled() throws IOException {
        Files.writeString(scratch.resolve("shown.csv"), "prompt,image\nthe dog,0.png\n");
        assertThatThrownBy(() -> run("few").start()).hasMessageContaining("has no image for the prompt");
    }
}
