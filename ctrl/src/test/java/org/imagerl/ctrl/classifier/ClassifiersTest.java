package org.imagerl.ctrl.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.imagerl.ctrl.Tiny;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.ImageTensors;
import org.imagerl.toolkit.tensor.Scope;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassifiersTest {
    @TempDir
    private static Path folder;

    @BeforeAll
    static void train() {
        TinyClassifier.train(folder, 8, 1);
    }

    private static float likelihood(Classifiers classifiers) {
        float[] value = new float[1];
        try (NDManager scratch = NDManager.newBaseManager("PyTorch")) {
            NDArray images = ImageTensors.toTensor(scratch, List.of(Tiny.image(8, 8, 60, 1)));
            Scope.run(() -> value[0] =
                    Gradients.off(() -> classifiers.logLikelihood(images, List.of(ClassifierTrainingTest.asking(0)))
                            .toFloatArray()[0]));
        }
        return value[0];
    }

    @Test
    void weightsAreLoadedWhenTheyAreNeededAndFreedOnClosing() {
        Classifiers classifiers = new Classifiers(folder, List.of("classifier"), Map.of());
        assertThat(classifiers.manager()).isNull();
        float before = likelihood(classifiers);
        NDManager manager = Objects.requireNonNull(classifiers.manager());
        List<NDArray> weights = manager.getManagedArrays();
        assertThat(weights).hasSizeGreaterThan(20).noneMatch(NDArray::isReleased);
        classifiers.close();
        assertThat(manager.isOpen()).isFalse();
        assertThat(weights).allMatch(NDArray::isReleased);
        assertThat(classifiers.manager()).isNull();
        assertThat(likelihood(classifiers)).isEqualTo(before); // loaded again
        classifiers.close();
        classifiers.close();
    }

    @Test
    void aWeightIsAFactorOfTheLogLikelihood() {
        try (Classifiers plain = new Classifiers(folder, List.of("classifier"), Map.of());
                Classifiers weighed = new Classifiers(folder, List.of("classifier"), Map.of("shade", 0.25))) {
            assertThat(likelihood(plain)).isNegative();
            assertThat(likelihood(weighed)).isCloseTo(likelihood(plain) / 4, within(1e-6f));
        }
    }

    @Test
    void aWeightOfNoControlOrNotAboveZeroIsRefused() {
        assertThatThrownBy(() -> new Classifiers(folder, List.of("classifier"), Map.of("shades", 1.0)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no control named shades")
                .hasMessageContaining("shade");
        assertThatThrownBy(() -> new Classifiers(folder, List.of("classifier"), Map.of("shade", 0.0)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("weights.shade must be above 0");
    }

    @Test
    void twoOfOneControlAreRefused() {
        assertThatThrownBy(() -> new Classifiers(folder, List.of("classifier", "classifier"), Map.of()))
                .hasMessageContaining("two of them are for the control shade");
        assertThatThrownBy(() -> new Classifiers(folder, List.of(), Map.of()))
                .hasMessageContaining("at least one folder");
    }
}
