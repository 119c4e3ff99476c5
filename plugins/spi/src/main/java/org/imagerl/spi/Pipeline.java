package org.imagerl.spi;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A loaded checkpoint: prompts to conditioning, conditioning and noise to latents, latents to images. In a run with several workers these are
 * called by several threads at a time.
 */
public interface Pipeline extends CheckpointOutline, AutoCloseable {

    /** Name of the conditioning that is added to what steers all blocks of the denoiser: float32 {@code [B, modulationWidth()]}. */
    String MODULATION = "modulation";

    /**
     * Name of what a denoiser is given that paints into images, see {@link #paintsIn}: float32 {@code [B, 1 + c, h, w]}, 1 where it paints and 0 elsewhere,
     * and then the latents of the image in which that part is grey.
     */
    String MASKED_IMAGE = "masked_image";

    /** The manager of its tensors. */
    NDManager manager();

    /** Family, sizes and component classes, for listings and provenance. */
    Map<String, String> summary();

    /**
     * Shape {@code [c, h, w]} of the latent of an image.
     *
     * @throws UserException if the size does not fit the network
     */
    long[] latentShape(int width, int height);

    /**
     * The latent space of images of a size.
     *
     * @throws UserException if the size does not fit the network
     */
    default LatentSpace latentSpace(int width, int height) {
        return new LatentSpace(
                "", Arrays.stream(latentShape(width, height)).boxed().toList());
    }

    /**
     * The least memory that the activations of one image take without gradients, in bytes on the CPU; 0 if it is not known. It is compared with
     * what is free before anything is made.
     */
    default long imageBytes(int width, int height) {
        return 0;
    }

    /**
     * Bytes of the weights of each component, by its name, in the dtype they are held in; also of those that are in memory only while they are
     * used. Empty if they are not known.
     */
    default Map<String, Long> weightBytes() {
        return Map.of();
    }

    /**
     * Encodes prompts; recorded for differentiation if the text encoder is tuned and gradients are on.
     *
     * @param texts one per sample
     * @param negatives one per sample for guidance, or empty without guidance
     * @param size of the images, for networks that are conditioned on it
     * @return tensors of the given manager
     */
    Conditioning encode(NDManager manager, List<String> texts, List<String> negatives, ImageSize size);

    /**
     * The same of whole prompts, for pipelines that are conditioned on more than the text.
     *
     * @param prompts one per sample
     * @param negatives one per sample for guidance, or empty without guidance
     */
    default Conditioning condition(NDManager manager, List<Prompt> prompts, List<Prompt> negatives, ImageSize size) {
        List<String> texts = prompts.stream().map(Prompt::text).toList();
        return encode(manager, texts, negatives.stream().map(Prompt::text).toList(), size);
    }

    /** Tells the denoiser's weights from others of the same shapes, by some of them; empty if the pipeline cannot. */
    default String fingerprint() {
        return "";
    }

    /** Whether {@link #encode} depends on tuned weights, so that stored conditionings go stale. */
    boolean encoderTuned();

    /**
     * One call of the denoiser, without guidance.
     *
     * @param latents float32 {@code [B, c, h, w]}
     * @param timesteps one per sample
     * @param conditioning as in {@link Conditioning#positive}
     * @return float32 {@code [B, c, h, w]}
     */
    NDArray denoise(NDArray latents, double[] timesteps, Map<String, NDArray> conditioning);

    /** Images float32 {@code [B, 3, H, W]} in 0..1 to latents as they are sampled, without noise. */
    default NDArray latents(NDArray images) {
        throw new UnsupportedOperationException("this pipeline makes no latents of images");
    }

    /**
     * The same as a sample of the distribution that the VAE gives.
     *
     * @param images float32 {@code [B, 3, H, W]} in 0..1, or one of them for all samples
     * @param noise float32 {@code [B, c, h, w]}, standard normal
     * @return float32 {@code [B, c, h, w]}
     */
    default NDArray latents(NDArray images, NDArray noise) {
        throw new UnsupportedOperationException("this pipeline makes no latents of images");
    }

    /** Width and height of images must be multiples of this, in pixels. */
    default int sizeMultiple() {
        return 1;
    }

    /** Latents (as sampled, scaled) to images: float32 {@code [B, 3, H, W]} in 0..1, clamped; differentiable. */
    NDArray decode(NDArray latents);

    /**
     * Makes weights trainable. At most one tuning at a time. Where the components are empty the denoiser is meant, where the targets of
     * adapters are empty the layers that published trainings of the family adapt.
     *
     * @throws UserException if no module fits the targets
     */
    Tuning tune(TuningSpec spec, long seed);

    /**
     * Adds a LoRA file or PEFT folder of any known layout to the weights.
     *
     * @param scale what the change of the weights is multiplied by, from -1000 to 1000
     * @throws UserException if it is for another checkpoint, or the scale is out of its range
     */
    void loadLora(Path fileOrFolder, double scale);

    /**
     * Loads a LoRA file or PEFT folder of any known layout beside the weights, which stay as they are. After {@link #tune}, and closed before the tuning.
     *
     * @param scale by which it is multiplied
     * @throws UserException if it is for another model, or for more than the denoiser
     */
    default FixedAdapter adapter(Path fileOrFolder, double scale) {
        throw UserException.input(fileOrFolder + ": this checkpoint takes no adapter beside the one that is trained");
    }

    /**
     * Writes the whole checkpoint (with adapters merged) in the diffusers layout.
     *
     * @param dtype {@code float32}, {@code float16}, {@code bfloat16}, or empty: of each component as its files have it, float8 as bfloat16
     */
    void save(Path folder, String dtype);

    /**
     * Writes the checkpoint (with adapters merged) as a single file in the layout of the model's own code: the components that it has as a single
     * file, or all of a folder.
     *
     * @param dtype {@code float32}, {@code float16}, {@code bfloat16}, or empty: of each weight as the single file has it, of each component as the files
     *     of a folder have it
     * @throws UserException if there is no such layout
     */
    default void saveSingleFile(Path file, String dtype) {
        throw UserException.input("this pipeline has no layout as a single file; write a folder");
    }

    /** Frees native memory. */
    @Override
    void close();
}
