package org.imagerl.latent.testing;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.function.UnaryOperator;
import org.assertj.core.data.Percentage;
import org.imagerl.latent.vae.Moments;
import org.imagerl.latent.vae.Vae;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every {@link Vae} keeps to. Extended by the test of each kind. */
public abstract class VaeContract {
    private static final int BATCH = 3;

    private final NDManager manager = NDManager.newBaseManager();

    /** The one to test, with weights in float32 that the manager owns. */
    protected abstract Vae vae(NDManager manager);

    /** The shape {@code [C, H, W]} of an image that it takes. */
    protected abstract Shape image();

    /** Pixels of an image to one of its latents, on a side. */
    protected abstract int downscale();

    @AfterEach
    void close() {
        manager.close();
    }

    private NDArray images(long seed) {
        Shape shape = image();
        return Kernels.randn(manager, seed, new Shape(BATCH, shape.get(0), shape.get(1), shape.get(2)));
    }

    private static NDArray first(NDArray batch) {
        return batch.get("0:1");
    }

    private static float distance(NDArray one, NDArray other) {
        return one.sub(other).abs().max().getFloat();
    }

    private static float size(NDArray array) {
        return array.abs().max().getFloat();
    }

    @Test
    void latentsAndImagesHaveTheSizesThatTheFactorSays() {
        Vae vae = vae(manager);
        NDArray images = images(1);
        Gradients.off(() -> {
            Moments moments = vae.encode(images);
            Shape latent = moments.mean().getShape();
            assertThat(latent.get(0)).isEqualTo(BATCH);
            assertThat(latent.get(2)).isEqualTo(image().get(1) / downscale());
            assertThat(latent.get(3)).isEqualTo(image().get(2) / downscale());
            assertThat(moments.logvar().getShape()).isEqualTo(latent);
            assertThat(vae.decode(moments.mean()).getShape()).isEqualTo(images.getShape());
            return moments;
        });
    }

    @Test
    void variancesAreWithinTheirBounds() {
        Vae vae = vae(manager);
        NDArray images = images(2).mul(100f);
        Gradients.off(() -> {
            NDArray logvar = vae.encode(images).logvar();
            assertThat(logvar.min().getFloat()).isGreaterThanOrEqualTo((float) Vae.MIN_LOGVAR);
            assertThat(logvar.max().getFloat()).isLessThanOrEqualTo((float) Vae.MAX_LOGVAR);
            return logvar;
        });
    }

    @Test
    void theScaleOfTheDenoiserIsTakenBack() {
        Vae vae = vae(manager);
        NDArray images = images(3);
        Gradients.off(() -> {
            NDArray latents = vae.encode(images).mean();
            NDArray back = vae.fromDenoiser(vae.toDenoiser(latents));
            assertThat(distance(back, latents)).isLessThan(1e-5f * (1 + size(latents)));
            return back;
        });
    }

    @Test
    void anImageIsEncodedAndDecodedAsItIsAlone() {
        Vae vae = vae(manager);
        NDArray images = images(4);
        Gradients.off(() -> {
            NDArray moments = vae.moments(images);
            NDArray alone = vae.moments(first(images));
            assertThat(distance(first(moments), alone)).isLessThan(1e-4f * size(moments));
            NDArray latents = vae.encode(images).mean();
            NDArray decoded = vae.decode(latents);
            assertThat(distance(first(decoded), vae.decode(first(latents)))).isLessThan(1e-4f * size(decoded));
            return decoded;
        });
    }

    @Test
    void decodingIsDifferentiable() {
        Vae vae = vae(manager);
        requireGradient(Gradients.off(() -> vae.encode(images(5)).mean()), vae::decode);
    }

    @Test
    void encodingIsDifferentiable() {
        Vae vae = vae(manager);
        requireGradient(images(6), image -> vae.encode(image).mean());
    }

    /** The gradient's length is the slope of the function along the gradient, by a difference. */
    private void requireGradient(NDArray input, UnaryOperator<NDArray> function) {
        NDArray cotangent = Gradients.off(
                () -> Kernels.randn(manager, 9, function.apply(input).getShape()));
        NDArray x = input.duplicate();
        x.setRequiresGradient(true);
        Scope.run(() -> Gradients.record(recording -> {
            NDArray y = function.apply(x);
            recording.backward(y, cotangent);
            return y;
        }));
        NDArray gradient = x.getGradient();
        float length = gradient.norm().getFloat();
        assertThat(length).isFinite().isPositive();
        float step = 0.02f;
        NDArray difference = Gradients.off(() -> {
            NDArray along = gradient.mul(step / length);
            return function.apply(input.add(along)).sub(function.apply(input.sub(along)));
        });
        float slope = difference.mul(cotangent).sum().getFloat() / (2 * step);
        assertThat(slope).isCloseTo(length, Percentage.withPercentage(1));
    }
}
