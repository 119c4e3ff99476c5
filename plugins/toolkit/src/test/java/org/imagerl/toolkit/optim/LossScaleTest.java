package org.imagerl.toolkit.optim;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.junit.jupiter.api.Test;

class LossScaleTest {

    /** Of a weight whose gradient passes through float16 as 1e-8, below the smallest float16. */
    private static float gradient(LossScale scale) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray weight = manager.ones(new Shape(1));
            weight.setRequiresGradient(true);
            Scope.run(() -> Gradients.record(recording -> {
                NDArray half = Kernels.cast(weight, DataType.FLOAT16);
                NDArray loss = Kernels.scale(Kernels.cast(half, DataType.FLOAT32), 1e-8);
                recording.backward(Kernels.scale(loss, scale.value()));
                return loss;
            }));
            scale.unscale(List.of(weight));
            return weight.getGradient().toFloatArray()[0];
        }
    }

    @Test
    void gradientsThatFloat16CannotHoldAreKept() {
        assertThat(gradient(LossScale.none())).isZero();
        assertThat(gradient(LossScale.dynamic())).isBetween(0.99e-8f, 1.01e-8f);
    }

    @Test
    void itIsHalvedByEveryOverflowAndDoubledAfterTwoThousandUpdatesWithout() {
        LossScale scale = LossScale.dynamic();
        assertThat(scale.learn(true)).isTrue();
        assertThat(scale.learn(true)).isTrue();
        assertThat(scale.value()).isEqualTo(16_384);
        for (int i = 0; i < 1999; i++) {
            assertThat(scale.learn(false)).isFalse();
        }
        assertThat(scale.value()).isEqualTo(16_384);
        scale.learn(false);
        assertThat(scale.value()).isEqualTo(32_768);
    }

    @Test
    void anOverflowThatNoScaleCausedIsNoneOfItsOwn() {
        LossScale scale = LossScale.dynamic();
        for (int i = 0; i < 16; i++) {
            assertThat(scale.learn(true)).isTrue();
        }
        assertThat(scale.value()).isEqualTo(1);
        assertThat(scale.learn(true)).isFalse();
        assertThat(LossScale.none().learn(true)).isFalse();
    }

    @Test
    void itIsResumed() {
        LossScale scale = LossScale.dynamic();
        scale.learn(true);
        scale.learn(false);
        LossScale again = LossScale.dynamic();
        again.restore(scale.state());
        assertThat(again.state().numbers())
                .usingRecursiveComparison()
                .isEqualTo(scale.state().numbers());
        assertThat(again.value()).isEqualTo(32_768);
    }
}
