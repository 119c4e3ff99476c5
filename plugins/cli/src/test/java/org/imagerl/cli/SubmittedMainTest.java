package org.imagerl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Properties;
import org.junit.jupiter.api.Test;

class SubmittedMainTest {

    private static String[] words(String... args) {
        Properties submitted = new Properties();
        submitted.setProperty("spark.master", "yarn");
        return SubmittedMain.words(args, submitted);
    }

    @Test
    void theMasterOfSparkSubmitNeedNotBeNamedTwice() {
        assertThat(words("train", "run.yaml")).containsExactly("train", "--spark", "yarn", "run.yaml");
        assertThat(words("score", "images", "--reward", "ocr")).startsWith("score", "--spark", "yarn", "images");
    }

    @Test
    void aMasterThatIsNamedStays() {
        String[] named = {"resume", "runs/a", "--spark", "k8s://https://host:6443"};
        assertThat(words(named)).isSameAs(named);
        assertThat(words("train", "--spark=spark://a:7077")).containsExactly("train", "--spark=spark://a:7077");
    }

    @Test
    void verbsThatRunHereStay() {
        assertThat(words("doctor")).containsExactly("doctor");
        assertThat(words()).isEmpty();
        assertThat(SubmittedMain.words(new String[] {"train", "run.yaml"}, new Properties()))
                .containsExactly("train", "run.yaml");
    }
}
