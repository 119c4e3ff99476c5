package org.imagerl.training.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.EngineException;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.toolkit.tensor.DeviceMemory;
import org.junit.jupiter.api.Test;

class AutoBatchTest {
    private static final List<Integer> SIZES = List.of(1, 2, 4, 8, 16);

    private final List<Integer> tried = new ArrayList<>();

    /** A device with so much memory. */
    private record Device(long limit, boolean survives) implements DeviceMemory {
        @Override
        public void reset() {}

        @Override
        public long peak() {
            return 0;
        }
    }

    /** 100 bytes and 10 for each image. */
    private long peak(int size) {
        tried.add(size);
        return 100 + 10L * size;
    }

    /** 0.7 of 300 are 210, and eleven images take that. */
    @Test
    void onACpuTwoSmallSizesSayWhatFits() {
        assertThat(AutoBatch.largest(SIZES, this::peak, new Device(300, false))).isEqualTo(8);
        assertThat(tried).containsExactly(1, 2);
    }

    @Test
    void whereNothingFitsItIsTheSmallest() {
        assertThat(AutoBatch.largest(SIZES, this::peak, new Device(100, false))).isEqualTo(1);
        assertThat(AutoBatch.largest(List.of(6), this::peak, new Device(0, false)))
                .isEqualTo(6);
        assertThat(AutoBatch.largest(SIZES, this::peak, new Device(100, true))).isEqualTo(1);
    }

    /** 0.9 of 200 are 180. */
    @Test
    void onAGpuSizesAreTriedUntilOneIsTooLarge() {
        assertThat(AutoBatch.largest(SIZES, this::peak, new Device(200, true))).isEqualTo(8);
        assertThat(tried).containsExactly(1, 2, 4, 8, 16);
    }

    @Test
    void runningOutOfMemoryOnAGpuIsSurvived() {
        int found = AutoBatch.largest(
                SIZES,
                size -> {
                    if (size > 2) {
                        throw new IllegalStateException(
                                new EngineException("CUDA out of memory. Tried to allocate 2.00 GiB"));
                    }
                    return peak(size);
                },
                new Device(1000, true));
        assertThat(found).isEqualTo(2);
    }

    @Test
    void anotherFailureIsNoLackOfMemory() {
        assertThatThrownBy(() -> AutoBatch.largest(
                        SIZES,
                        size -> {
                            throw new IllegalStateException("sizes of tensors do not match");
                        },
                        new Device(1000, true)))
                .hasMessage("sizes of tensors do not match");
    }

    @Test
    void aPeakIsAStraightLineThroughTwoSizes() {
        assertThat(PeakLine.of(this::peak, 2, 4).at(12)).isEqualTo(220);
        assertThat(PeakLine.of(this::peak, 3, 3).at(3)).isEqualTo(130);
    }
}
