package org.imagerl.toolkit.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.imagerl.toolkit.nn.Conv2d;
import org.imagerl.toolkit.nn.GroupNorm;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.Parameter;
import org.imagerl.toolkit.nn.ParameterStore;
import org.junit.jupiter.api.Test;

class GradientsTest {

    /** Two residual blocks whose second takes a skip from before the first, as a UNet's do. */
    private static final class TinyNet {
        final ParameterStore network = new ParameterStore("tiny");
        final Linear time = network.root().at("time").linear(3, 4);
        final Conv2d in = network.root().at("in").conv2d(2, 4, 3, 1, 1);
        final GroupNorm norm = network.root().at("norm").groupNorm(2, 4, 1e-5);
        final Conv2d mid = network.root().at("mid").conv2d(4, 4, 3, 1, 1);
        final Conv2d out = network.root().at("out").conv2d(8, 2, 3, 1, 1);

        TinyNet(NDManager manager) {
            long seed = 1;
            for (Parameter parameter : network.parameters()) {
                NDArray value = Kernels.randn(manager, seed++, parameter.shape());
                parameter.set(value);
                value.setRequiresGradient(true);
            }
        }

        NDArray whole(NDArray x, NDArray t) {
            NDArray emb = Kernels.silu(time.apply(t)).reshape(-1, 4, 1, 1);
            NDArray first = in.apply(x);
            NDArray second = mid.apply(norm.silu(first)).add(emb);
            return out.apply(second.mul(emb).concat(first, 1));
        }

        NDArray forward(NDArray x, NDArray t, boolean checkpointed) {
            NDArray emb = Gradients.segment(checkpointed, i -> Kernels.silu(time.apply(i[0])), t);
            NDArray first = Gradients.segment(checkpointed, i -> in.apply(i[0]), x);
            NDArray second = Gradients.segment(
                    checkpointed, i -> mid.apply(norm.silu(i[0])).add(i[1].reshape(-1, 4, 1, 1)), first, emb);
            return Gradients.segment(
                    checkpointed,
                    i -> out.apply(i[0].mul(i[2].reshape(-1, 4, 1, 1)).concat(i[1], 1)),
                    second,
                    first,
                    emb);
        }
    }

    private static float[] gradients(NDManager manager, boolean checkpointed, boolean collectGarbage) {
        TinyNet net = new TinyNet(manager);
        NDArray x = Kernels.randn(manager, 100, new Shape(2, 2, 5, 5));
        NDArray t = Kernels.randn(manager, 101, new Shape(2, 3));
        x.setRequiresGradient(true);
        Gradients.record(recording -> {
            Scope.run(() -> {
                // Two calls in a row, the second on the output of the first: back-propagation through a sampler.
                NDArray y = Kernels.combine(x, 0.9, net.forward(x, t, checkpointed), 0.1);
                NDArray z = Kernels.combine(y, 0.8, net.forward(y, t, checkpointed), 0.2);
                NDArray loss = Kernels.scale(z.mul(z).sum(), 0.5);
                if (collectGarbage) {
                    System.gc();
                }
                recording.backward(loss);
            });
            return x;
        });
        float[] all = new float[0];
        for (Parameter parameter : net.network.parameters()) {
            all = concat(all, parameter.value().getGradient().toFloatArray());
        }
        return concat(all, x.getGradient().toFloatArray());
    }

    private static float[] concat(float[] a, float[] b) {
        float[] all = java.util.Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }

    @Test
    void checkpointedSegmentsGiveTheSameGradients() {
        try (NDManager manager = NDManager.newBaseManager()) {
            float[] plain = gradients(manager, false, false);
            float[] checkpointed = gradients(manager, true, false);
            float largest = 0;
            for (float value : plain) {
                largest = Math.max(largest, Math.abs(value));
            }
            for (int i = 0; i < plain.length; i++) {
                assertThat(Math.abs(plain[i] - checkpointed[i]))
                        .as("element " + i)
                        .isLessThanOrEqualTo(1e-5f * largest);
            }
        }
    }

    /** 2 x 4 channels of 190 x 190 pixels: graphs are cut between segments, and every segment is walked once. */
    @Test
    void segmentsOfLargeFeatureMapsGiveTheGradientsOfOneGraph() {
        try (NDManager manager = NDManager.newBaseManager()) {
            float[][] gradients = new float[2][];
            for (int way = 0; way < gradients.length; way++) {
                TinyNet net = new TinyNet(manager);
                NDArray x = Kernels.randn(manager, 100, new Shape(2, 2, 190, 190));
                NDArray t = Kernels.randn(manager, 101, new Shape(2, 3));
                x.setRequiresGradient(true);
                boolean whole = way == 0;
                Scope.run(() -> Gradients.record(recording -> {
                    NDArray y = Kernels.combine(x, 0.9, whole ? net.whole(x, t) : net.forward(x, t, false), 0.1);
                    recording.backward(y.mul(y).mean());
                    return "";
                }));
                gradients[way] = concat(
                        net.network
                                .parameter("time.weight")
                                .value()
                                .getGradient()
                                .toFloatArray(),
                        x.getGradient().toFloatArray());
            }
            float largest = 0;
            for (float value : gradients[0]) {
                largest = Math.max(largest, Math.abs(value));
            }
            assertThat(largest).isPositive();
            for (int i = 0; i < gradients[0].length; i++) {
                assertThat(Math.abs(gradients[0][i] - gradients[1][i])).isLessThanOrEqualTo(1e-5f * largest);
            }
        }
    }

    @Test
    void checkpointedSegmentsBeforeTheFirstTrainedWeightArePassedOver() {
        try (NDManager manager = NDManager.newBaseManager()) {
            TinyNet net = new TinyNet(manager);
            net.network.parameters().forEach(parameter -> parameter.value().setRequiresGradient(false));
            NDArray weight = net.network.parameter("out.weight").value();
            NDArray x = Kernels.randn(manager, 100, new Shape(2, 2, 5, 5));
            NDArray t = Kernels.randn(manager, 101, new Shape(2, 3));
            weight.setRequiresGradient(true);
            float[][] gradients = new float[2][];
            for (int i = 0; i < 2; i++) {
                boolean checkpointed = i == 1;
                Scope.run(() -> Gradients.record(recording -> {
                    recording.backward(net.forward(x, t, checkpointed).sum());
                    return "";
                }));
                gradients[i] = weight.getGradient().toFloatArray();
                JniUtils.zeroGrad((PtNDArray) weight);
            }
            assertThat(gradients[1]).isEqualTo(gradients[0]).isNotEqualTo(new float[gradients[0].length]);
        }
    }

    @Test
    void onlySegmentsFromTheFirstTrainedWeightOnAreRunAgain() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray frozen = Kernels.randn(manager, 1, new Shape(3));
            NDArray trained = Kernels.randn(manager, 2, new Shape(3));
            NDArray x = Kernels.randn(manager, 3, new Shape(3));
            trained.setRequiresGradient(true);
            int[] runs = new int[3];
            List<NDArray> weights = List.of(frozen, trained, frozen);
            Scope.run(() -> Gradients.record(recording -> {
                NDArray h = x;
                for (int i = 0; i < runs.length; i++) {
                    int segment = i;
                    h = Gradients.segment(
                            true,
                            in -> {
                                runs[segment]++;
                                return in[0].mul(weights.get(segment));
                            },
                            h);
                }
                recording.backward(h.sum());
                return "";
            }));
            assertThat(runs).containsExactly(1, 2, 2);
            float[] expected = Gradients.off(() -> x.mul(frozen).mul(frozen)).toFloatArray();
            assertThat(trained.getGradient().toFloatArray()).isEqualTo(expected);
        }
    }

    @Test
    void sixtyStepsUnderGarbageCollectionGiveBitEqualGradients() {
        try (NDManager manager = NDManager.newBaseManager()) {
            float[] expected = gradients(manager, false, false);
            for (int step = 0; step < 60; step++) {
                try (NDManager sub = manager.newSubManager()) {
                    byte[][] pressure = new byte[64][];
                    for (int i = 0; i < pressure.length; i++) {
                        pressure[i] = new byte[64 << 10];
                    }
                    assertThat(gradients(sub, step % 2 == 1, step % 3 == 0)).hasSameSizeAs(expected);
                    if (step % 2 == 0) {
                        assertThat(gradients(sub, false, step % 6 == 0))
                                .as("step " + step)
                                .isEqualTo(expected);
                    }
                }
            }
        }
    }

    @Test
    void aTrainingStepLeavesAsManyLiveArraysAsItFound() {
        try (NDManager manager = NDManager.newBaseManager()) {
            TinyNet net = new TinyNet(manager);
            NDArray x = Kernels.randn(manager, 100, new Shape(2, 2, 5, 5));
            NDArray t = Kernels.randn(manager, 101, new Shape(2, 3));
            int before = manager.getManagedArrays().size();
            for (boolean checkpointed : new boolean[] {false, true}) {
                Scope.run(() -> Gradients.record(recording -> {
                    recording.backward(net.forward(x, t, checkpointed).sum());
                    return "";
                }));
                assertThat(manager.getManagedArrays()).hasSize(before);
            }
        }
    }

    @Test
    void nothingIsRecordedOutsideARecordingInAnyThread() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.ones(new Shape(3));
            x.setRequiresGradient(true);
            boolean recorded = CompletableFuture.supplyAsync(
                            () -> Gradients.off(() -> Kernels.requiresGradient(Kernels.scale(x, 2))))
                    .join();
            assertThat(recorded).isFalse();
            boolean inside = Gradients.record(r -> Kernels.requiresGradient(Kernels.scale(x, 2)));
            assertThat(inside).isTrue();
        }
    }

    @Test
    void recordingsDoNotNest() {
        assertThatThrownBy(() -> Gradients.record(a -> Gradients.record(b -> "")))
                .hasMessage("recordings do not nest");
    }

    @Test
    void aVectorJacobianProductTakesItsOwnCotangent() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.create(new float[] {1, 2, 3}).duplicate();
            x.setRequiresGradient(true);
            NDArray cotangent = manager.create(new float[] {1, 10, 100});
            Gradients.record(recording -> {
                recording.backward(x.mul(x), cotangent);
                return "";
            });
            assertThat(x.getGradient().toType(DataType.FLOAT32, false).toFloatArray())
                    .containsExactly(2, 40, 600);
        }
    }
}
