package org.imagerl.rewards.ocr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import org.imagerl.rewards.onnx.ModelInput.Tensor;
import org.junit.jupiter.api.Test;

final class CtcDecoderTest {
    private static final CtcDecoder DECODER = new CtcDecoder(List.of("", "a", "b", " "));

    @Test
    void mergesRepeatsAndDropsBlanks() {
        assertThat(decode(1, 1, 0, 1, 2, 2, 0, 0, 3, 2).text()).isEqualTo("aab b");
    }

    @Test
    void readsNothingWithoutConfidenceFromBlanks() {
        assertThat(decode(0, 0)).isEqualTo(new TextLine("", 0));
        assertThat(decode()).isEqualTo(new TextLine("", 0));
    }

    @Test
    void meansTheProbabilityOfTheFirstStepOfEachLetter() {
        float[] steps = {
            0.1f, 0.6f, 0.2f, 0.1f, // a
            0.0f, 1.0f, 0.0f, 0.0f, // the same a
            0.9f, 0.0f, 0.1f, 0.0f, // blank
            0.1f, 0.1f, 0.8f, 0.0f, // b
        };
        TextLine line = DECODER.decode(new Tensor(steps, new long[] {1, 4, 4}), 0);
        assertThat(line.text()).isEqualTo("ab");
        assertThat(line.confidence()).isCloseTo(0.7, within(1e-7));
    }

    @Test
    void takesTheFirstOfTheLikeliestClassesAsALookAtAllOfThemDoes() {
        SplittableRandom random = new SplittableRandom(4);
        for (int round = 0; round < 2000; round++) {
            float[] step = new float[4];
            double sharpness = random.nextDouble() * 8;
            double sum = 0;
            for (int i = 0; i < 4; i++) {
                step[i] = (float) Math.exp(sharpness * random.nextInt(4)); // whole numbers: ties are frequent
                sum += step[i];
            }
            int best = 0;
            for (int i = 0; i < 4; i++) {
                step[i] /= (float) sum;
                best = step[i] > step[best] ? i : best;
            }
            assertThat(DECODER.decode(new Tensor(step, new long[] {1, 1, 4}), 0).text())
                    .isEqualTo(List.of("", "a", "b", " ").get(best));
        }
    }

    @Test
    void refusesANetworkWithAnotherAlphabet() {
        assertThatThrownBy(() -> DECODER.decode(new Tensor(new float[5], new long[] {1, 1, 5}), 0))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void knowsTheAlphabetOfTheShippedNetworks() {
        List<String> alphabet = Resources.alphabet();
        assertThat(alphabet).hasSize(6625).doesNotHaveDuplicates();
        assertThat(alphabet.get(0)).isEmpty();
        assertThat(alphabet.get(6624)).isEqualTo(" ");
        assertThat(alphabet.subList(1, 6624)).allMatch(c -> c.codePointCount(0, c.length()) == 1);
    }

    private static TextLine decode(int... best) {
        float[] steps = new float[best.length * 4];
        for (int i = 0; i < best.length; i++) {
            steps[i * 4 + best[i]] = 1;
        }
        return DECODER.decode(new Tensor(steps, new long[] {1, best.length, 4}), 0);
    }
}
