package org.imagerl.latent.vae;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.imagerl.latent.checkpoint.VaeConfig;
import org.imagerl.latent.testing.ModelCase;
import org.imagerl.latent.testing.TinyModels;
import org.imagerl.latent.testing.VaeContract;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.junit.jupiter.api.Test;

class PiecewiseVaeTest extends VaeContract {
    private final NDManager manager = NDManager.newBaseManager();

    private static VaeConfig trainedOn(int side) {
        VaeConfig c = TinyModels.vae();
        return new VaeConfig(
                3,
                3,
                c.latentChannels(),
                c.channels(),
                1,
                c.normGroups(),
                List.of(side, side),
                1,
                0,
                true,
                true,
                true,
                false,
                List.of());
    }

    @Override
    protected Vae vae(NDManager owner) {
        return vae(8, false, true, true);
    }

    @Override
    protected Shape image() {
        return new Shape(3, 20, 12);
    }

    @Override
    protected int downscale() {
        return trainedOn(8).downscale();
    }

    private Vae vae(int side, boolean checkpointing, boolean slicing, boolean tiling) {
        ParameterStore network = new ParameterStore("vae");
        AutoencoderKl vae = new AutoencoderKl(network, trainedOn(side), Checkpointing.of(checkpointing));
        TinyModels.fill(network, manager, DataType.FLOAT32);
        return PiecewiseVae.of(vae, trainedOn(side), slicing, tiling);
    }

    private NDArray latents() {
        return Kernels.randn(manager, 7, new Shape(3, 4, 10, 6));
    }

    /** The image, and the gradient of its product with fixed numbers. */
    private List<NDArray> decoded(Vae vae) {
        NDArray latents = latents();
        latents.setRequiresGradient(true);
        NDArray[] image = new NDArray[1];
        Scope.run(() -> Gradients.record(recording -> {
            NDArray made = vae.decode(latents);
            image[0] = Scope.keep(made.stopGradient().duplicate());
            recording.backward(made, Kernels.randn(manager, 8, made.getShape()));
            return made;
        }));
        return List.of(image[0], latents.getGradient());
    }

    private static void requireSame(List<NDArray> actual, List<NDArray> expected) {
        ModelCase.requireClose("image", actual.get(0), expected.get(0), 1e-5);
        ModelCase.requireClose("gradient", actual.get(1), expected.get(1), 1e-4);
    }

    @Test
    void slicesAreTheSameImagesAndGradients() {
        List<NDArray> whole = decoded(vae(32, false, false, false));
        requireSame(decoded(vae(32, true, true, false)), whole);
    }

    @Test
    void tilesAreDifferentiableWithAndWithoutCheckpointing() {
        List<NDArray> tiled = decoded(vae(8, false, false, true));
        requireSame(decoded(vae(8, true, true, true)), tiled);
        List<NDArray> whole = decoded(vae(8, false, false, false));
        assertThat(tiled.get(0).sub(whole.get(0)).abs().max().getFloat()).isPositive();
    }

    @Test
    void anImageOfTheTrainedSizeIsOneTile() {
        List<NDArray> whole = decoded(vae(32, false, false, false));
        List<NDArray> tiled = decoded(vae(32, false, false, true));
        assertThat(tiled.get(0).toFloatArray()).isEqualTo(whole.get(0).toFloatArray());
        assertThat(vae(8, false, false, true).pixelsAtOnce(40, 6)).isEqualTo(48);
    }
}
