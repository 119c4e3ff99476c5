package org.imagerl.toolkit.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class FloatsTest {
    @Test
    void anArrayIsReadInTheOrderOfItsShapeWhateverItsTypeAndStaysAsItIs() {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            NDArray counted = manager.arange(6).toType(DataType.FLOAT16, false).reshape(2, 3);
            assertThat(Floats.of(counted)).containsExactly(0, 1, 2, 3, 4, 5);
            assertThat(Floats.of(counted.transpose())).containsExactly(0, 3, 1, 4, 2, 5);
            NDArray trained = manager.full(new Shape(2), 0.5f);
            trained.setRequiresGradient(true);
            int before = manager.getManagedArrays().size();
            assertThat(Floats.of(trained)).containsExactly(0.5f, 0.5f);
            assertThat(manager.getManagedArrays()).hasSize(before);
            assertThat(trained.hasGradient()).isTrue();
        }
    }
}
