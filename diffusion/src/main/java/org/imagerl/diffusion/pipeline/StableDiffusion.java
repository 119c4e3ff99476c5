package org.imagerl.diffusion.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.checkpoint.VaeConfig;
import org.imagerl.diffusion.ddim.DiffusionSchedule;
import org.imagerl.diffusion.unet.UNet;
import org.imagerl.diffusion.vae.AutoencoderKl;
import org.imagerl.spi.Conditioning;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.Tuning;
import org.imagerl.spi.TuningSpec;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.nn.Network;
import org.imagerl.toolkit.random.RandomStreams;
import org.imagerl.toolkit.tensor.Kernels;
import org.imagerl.toolkit.tensor.Scope;
import org.jspecify.annotations.Nullable;

/**
 * A Stable Diffusion checkpoint (Rombach et al., High-Resolution Image Synthesis with Latent Diffusion Models, 2022, arXiv 2112.10752)
 * of version 1.x, 2.x or XL: text encoders, UNet, VAE and noise schedule.
 */
final class StableDiffusion implements Pipeline {
    private final Path folder;
    private final NDManager manager;
    private final Parts parts;
    private @Nullable PipelineTuning tuning;

    /** The loaded components. */
    record Parts(
            PromptEncoder encoder,
            UnetConfig unetConfig,
            UNet unet,
            Network unetNetwork,
            VaeConfig vaeConfig,
            AutoencoderKl vae,
            Network vaeNetwork,
            DiffusionSchedule schedule) {}

    StableDiffusion(Path folder, NDManager manager, Parts parts) {
        this.folder = folder;
        this.manager = manager;
        this.parts = parts;
    }

    @Override
    public NDManager manager() {
        return manager;
    }

    @Override
    public Map<String, String> summary() {
        Map<String, String> summary = new TreeMap<>();
        summary.put("checkpoint", folder.toString());
        summary.put("schedule", parts.schedule.description());
        for (Network network : networks().values()) {
            long elements = network.parameters().stream()
                    .mapToLong(p -> p.shape().size())
                    .sum();
            summary.put(network.component(), String.format(java.util.Locale.ROOT, "%.1f M weights", elements / 1e6));
        }
        return summary;
    }

    @Override
    public int[] defaultSize() {
        List<Integer> size = parts.unetConfig.sampleSize();
        int scale = parts.vaeConfig.downscale();
        return size.isEmpty()
                ? new int[] {512, 512}
                : new int[] {size.get(size.size() - 1) * scale, size.get(0) * scale};
    }

    @Override
    public long[] latentShape(int width, int height) {
        int scale = parts.vaeConfig.downscale();
        if (width < scale || height < scale || width % scale != 0 || height % scale != 0) {
            throw UserException.input(
                    "width and height must be multiples of " + scale + ", not " + width + " x " + height);
        }
        return new long[] {parts.unetConfig.inChannels(), height / scale, width / scale};
    }

    @Override
    public DiffusionSchedule schedule(int width, int height) {
        return parts.schedule;
    }

    @Override
    public Conditioning encode(NDManager owner, List<String> texts, List<String> negatives, int[] size) {
        Map<String, NDArray> positive = parts.encoder.encode(owner, texts, false, size);
        Map<String, NDArray> negative =
                negatives.isEmpty() ? Map.of() : parts.encoder.encode(owner, negatives, true, size);
        return new Conditioning(positive, negative);
    }

    @Override
    public boolean encoderTuned() {
        return tuning != null && tuning.tunes(parts.encoder.networks());
    }

    @Override
    public NDArray denoise(NDArray latents, double[] timesteps, Map<String, NDArray> conditioning) {
        return parts.unet.forward(latents, timesteps, conditioning);
    }

    @Override
    public NDArray decode(NDArray latents) {
        return Scope.of(() -> {
            NDArray pixels = parts.vae.decode(parts.vae.fromDenoiser(latents));
            return Kernels.clamp(Kernels.shift(Kernels.scale(pixels, 0.5), 0.5), 0, 1);
        });
    }

    @Override
    public Tuning tune(TuningSpec spec, long seed) {
        if (tuning != null) {
            throw new IllegalStateException("the pipeline is tuned already");
        }
        List<Network> chosen = spec.components().stream().map(this::network).toList();
        PipelineTuning made = spec instanceof TuningSpec.Lora lora
                ? new LoraPipelineTuning(lora, chosen, new RandomStreams(seed), manager, () -> tuning = null)
                : new FullPipelineTuning(this, chosen, manager, () -> tuning = null);
        tuning = made;
        return made;
    }

    private Network network(String component) {
        Network network = networks().get(component);
        if (network == null) {
            throw UserException.input("the checkpoint has no component '" + component + "' to train; it has "
                    + networks().keySet());
        }
        return network;
    }

    /** What can be trained or merged into: denoiser and text encoders, by component. */
    Map<String, Network> networks() {
        Map<String, Network> networks = new TreeMap<>();
        networks.put(parts.unetNetwork.component(), parts.unetNetwork);
        parts.encoder.networks().forEach(network -> networks.put(network.component(), network));
        return networks;
    }

    @Override
    public void loadLora(Path fileOrFolder, double scale) {
        LoraMerge.merge(fileOrFolder, scale, networks(), manager);
    }

    @Override
    public void save(Path target, String dtype) {
        CheckpointWriter.write(folder, target, allNetworks(), dtype);
    }

    /** As {@link #save}, in the place of an older one. */
    void replace(Path target, String dtype) {
        CheckpointWriter.replace(folder, target, allNetworks(), dtype);
    }

    private List<Network> allNetworks() {
        List<Network> all = new ArrayList<>(networks().values());
        all.add(parts.vaeNetwork);
        return all;
    }

    @Override
    public void close() {
        if (tuning != null) {
            tuning.close();
        }
        parts.encoder.close();
        manager.close();
    }

    /** Whether memory for float16 is used; the VAE of some checkpoints stays in float32. */
    static DataType type(String dtype) {
        return switch (dtype) {
            case "float32" -> DataType.FLOAT32;
            case "float16" -> DataType.FLOAT16;
            default -> throw UserException.input("dtype must be float32 or float16, not " + dtype);
        };
    }
}
