package org.imagerl.ctrl.classifier;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.ctrl.control.Control;
import org.imagerl.toolkit.nn.Conv2d;
import org.imagerl.toolkit.nn.GroupNorm;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/**
 * Residual blocks, the mean over all places, and a linear layer per control. With strides 1, 2 and 2 it has the shape
 * of CTRL's published classifier of compressibility; group normalisation replaces batch normalisation, so that the
 * class of an image does not depend on the other images of its batch.
 */
final class ResidualNetwork implements ClassifierNetwork {
    static final int GROUPS = 8;
    private static final double EPS = 1e-5;

    private final InputTransform input;
    private final @Nullable Standardised standardised;
    private final List<Block> blocks = new ArrayList<>();
    private final Heads heads;

    /**
     * Declares it.
     *
     * @param shape the number of its channels doubles with every block
     */
    ResidualNetwork(ParameterStore network, List<Control> controls, Backbone.Residual shape) {
        ParameterScope root = network.root();
        input = shape.input();
        int in = input.channels();
        standardised = input.standardised() ? new Standardised(root.at("input"), in) : null;
        for (int i = 0; i < shape.strides().size(); i++) {
            int out = shape.channels() << i;
            blocks.add(new Block(
                    root.at("blocks." + i),
                    in,
                    out,
                    input.kernel(),
                    shape.strides().get(i)));
            in = out;
        }
        heads = new Heads(root, controls, in);
    }

    @Override
    public Map<String, NDArray> logits(NDArray images) {
        NDArray features = Scope.of(() -> {
            NDArray x = input.apply(images);
            x = standardised == null ? x : standardised.apply(x);
            for (Block block : blocks) {
                x = block.apply(x);
            }
            return x.reshape(x.getShape().get(0), x.getShape().get(1), -1).mean(new int[] {2});
        });
        return heads.logits(features);
    }

    @Override
    public void measure(ClassifierInput inputs, NDManager manager, int... training) {
        if (standardised != null) {
            standardised.measure(input::apply, inputs, manager, training);
        }
    }

    private static final class Block {
        private final Conv2d first;
        private final GroupNorm firstNorm;
        private final Conv2d second;
        private final GroupNorm secondNorm;
        private final Conv2d shortcut;

        Block(ParameterScope place, int in, int out, int kernel, int stride) {
            int padding = kernel / 2;
            first = place.at("conv1").conv2d(in, out, kernel, stride, padding);
            firstNorm = place.at("norm1").groupNorm(GROUPS, out, EPS);
            second = place.at("conv2").conv2d(out, out, kernel, 1, padding);
            secondNorm = place.at("norm2").groupNorm(GROUPS, out, EPS);
            shortcut = place.at("shortcut").conv2d(in, out, 1, stride, 0);
        }

        NDArray apply(NDArray x) {
            return Scope.of(() -> {
                NDArray inner = secondNorm.apply(second.apply(firstNorm.silu(first.apply(x))));
                return Kernels.silu(inner.add(shortcut.apply(x)));
            });
        }
    }
}
