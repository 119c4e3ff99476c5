package org.imagerl.training.djl;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imagerl.config.ConfigLoader;
import org.imagerl.config.Overrides;
import org.imagerl.config.RegistryPartCodec;
import org.imagerl.config.registry.Kind;
import org.imagerl.config.registry.Registry;
import org.imagerl.spi.Context;
import org.imagerl.spi.Dynamics;
import org.imagerl.spi.Pipeline;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.UserException;
import org.imagerl.toolkit.recipe.OdeDynamics;
import org.imagerl.toolkit.sampling.ImageSampler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the checkpoint folder of a model, of any family that a plugin on the class path brings, on the model's device; the model's end is
 * its end.
 */
public final class TextToImageBlockFactory implements BlockFactory {
    private static final long serialVersionUID = 1L;
    private static final Logger LOGGER = LoggerFactory.getLogger(TextToImageBlockFactory.class);

    /** @throws UserException if the folder is no checkpoint or an argument is wrong; then the model is closed */
    @Override
    public Block newBlock(Model model, Path folder, Map<String, ?> arguments) {
        try {
            Arguments given = Arguments.of(arguments);
            return open(model.getNDManager(), given.checkpoint(folder), given);
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    private static TextToImageBlock open(NDManager manager, Path folder, Arguments arguments) {
        Registry registry = Registry.load(List.of());
        Context context = RegistryPartCodec.context(registry, folder, device(manager.getDevice()), 1, LOGGER::warn);
        registry.warnings().forEach(LOGGER::warn);
        Pipeline pipeline =
                registry.pipeline(folder).open(folder, new PipelineFactory.Options(arguments.dtype(), false, context));
        try {
            Optional<Path> lora = arguments.lora();
            lora.ifPresent(file -> pipeline.loadLora(file, arguments.loraScale()));
            ImageSampler.Settings settings = arguments.settings(pipeline.defaultSize());
            Dynamics dynamics = arguments.eta() > 0 ? ddim(registry, arguments.eta(), context) : new OdeDynamics();
            TextToImageBlock block =
                    new TextToImageBlock(pipeline, new ImageSampler(pipeline, dynamics, settings), settings);
            manager.attachInternal("imagerl checkpoint", block);
            return block;
        } catch (RuntimeException e) {
            pipeline.close();
            throw e;
        }
    }

    private static Dynamics ddim(Registry registry, double eta, Context context) {
        return new ConfigLoader(registry)
                .part(Kind.DYNAMICS, "ddim", Overrides.NONE.set("eta", eta))
                .create(context);
    }

    private static String device(Device device) {
        return device.isGpu() ? "cuda:" + device.getDeviceId() : device.getDeviceType();
    }
}
