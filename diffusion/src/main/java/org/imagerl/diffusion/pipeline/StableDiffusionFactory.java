package org.imagerl.diffusion.pipeline;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.imagerl.diffusion.checkpoint.ModelIndex;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.checkpoint.VaeConfig;
import org.imagerl.diffusion.ddim.DiffusionSchedule;
import org.imagerl.diffusion.schedule.SchedulerConfig;
import org.imagerl.diffusion.unet.UNet;
import org.imagerl.diffusion.vae.AutoencoderKl;
import org.imagerl.diffusion.vae.LegacyKeys;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.nn.Network;
import org.imagerl.toolkit.tensor.Devices;
import org.imagerl.toolkit.tensor.Gradients;

/** Opens Stable Diffusion folders in the diffusers layout. */
public final class StableDiffusionFactory implements PipelineFactory {
    private static final String SD = "StableDiffusionPipeline";
    private static final String SDXL = "StableDiffusionXLPipeline";

    @Override
    public String name() {
        return "stable-diffusion";
    }

    @Override
    public String description() {
        return "Stable Diffusion 1.x, 2.x and XL in the diffusers layout";
    }

    @Override
    public boolean recognises(Path folder) {
        if (!Files.isRegularFile(folder.resolve("model_index.json"))) {
            return false;
        }
        return List.of(SD, SDXL).contains(ModelIndex.read(folder).className());
    }

    @Override
    public Pipeline open(Path folder, Options options) {
        ModelIndex index = ModelIndex.read(folder);
        if (!List.of(SD, SDXL).contains(index.className())) {
            throw UserException.input(folder + "/model_index.json: _class_name is " + index.className()
                    + "; supported: " + SD + ", " + SDXL);
        }
        index.require("unet", "UNet2DConditionModel");
        index.require("vae", "AutoencoderKL");
        index.require("text_encoder", "CLIPTextModel");
        Device device =
                Devices.choose(options.context().device(), options.context().warnings());
        NDManager manager = NDManager.newBaseManager(device, "PyTorch");
        try {
            DataType type = StableDiffusion.type(options.dtype());
            return Gradients.off(
                    () -> new StableDiffusion(folder, manager, load(folder, index, type, options, manager)));
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    private static StableDiffusion.Parts load(
            Path folder, ModelIndex index, DataType type, Options options, NDManager manager) {
        Consumer<String> warnings = options.context().warnings();
        UnetConfig unetConfig = UnetConfig.read(folder.resolve("unet/config.json"));
        VaeConfig vaeConfig = VaeConfig.read(folder.resolve("vae/config.json"));
        SchedulerConfig scheduler = SchedulerConfig.read(folder.resolve("scheduler/scheduler_config.json"));
        if (index.className().equals(SD)) {
            scheduler = scheduler.forStableDiffusionPipeline();
            ComponentFit.check(folder, unetConfig, vaeConfig, "text_encoder");
        } else {
            ComponentFit.check(folder, unetConfig, vaeConfig, "text_encoder", "text_encoder_2");
        }
        for (List<String> lines : List.of(unetConfig.warnings(), vaeConfig.warnings(), scheduler.warnings())) {
            lines.forEach(warnings);
        }
        Network unetNetwork = new Network("unet");
        UNet unet = new UNet(unetNetwork, unetConfig, options.checkpointing());
        Component.DIFFUSERS.load(folder, unetNetwork, manager, type, key -> key);
        Network vaeNetwork = new Network("vae");
        AutoencoderKl vae = new AutoencoderKl(vaeNetwork, vaeConfig, options.checkpointing());
        DataType vaeType = vaeConfig.forceUpcast() ? DataType.FLOAT32 : type;
        Component.DIFFUSERS.load(folder, vaeNetwork, manager, vaeType, LegacyKeys::current);
        return new StableDiffusion.Parts(
                encoder(folder, index, type, manager, warnings),
                unetConfig,
                unet,
                unetNetwork,
                vaeConfig,
                vae,
                vaeNetwork,
                DiffusionSchedule.of(scheduler));
    }

    private static PromptEncoder encoder(
            Path folder, ModelIndex index, DataType type, NDManager manager, Consumer<String> warnings) {
        TextTower first = new TextTower(folder, "", manager, type, warnings);
        if (index.className().equals(SD)) {
            return new SdPromptEncoder(first);
        }
        index.require("text_encoder_2", "CLIPTextModelWithProjection");
        TextTower second = new TextTower(folder, "_2", manager, type, warnings);
        return new SdxlPromptEncoder(first, second, index.flag("force_zeros_for_empty_prompt", true));
    }
}
