package org.imagerl.rewards.detect;

import java.nio.file.Path;
import org.imagerl.rewards.model.ImageTextEmbedder;
import org.imagerl.rewards.model.OnnxConfig;
import org.imagerl.rewards.model.VisionModel;
import org.imagerl.rewards.onnx.OnnxDevice;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Reward;
import org.imagerl.spi.UserException;
import org.imagerl.spi.work.Workers;
import org.jspecify.annotations.Nullable;

/** Makes the reward for images with the objects that their prompts ask for: GenEval's tasks through any ONNX detector. */
public final class DetectorFactory implements Factory<Reward, DetectorConfig> {

    @Override
    public String name() {
        return "detector";
    }

    @Override
    public String description() {
        return "objects that an ONNX detector finds, their number, colours and places, against what the fields of the"
                + " prompt ask for: GenEval's tasks";
    }

    @Override
    public DetectorConfig defaults() {
        return DetectorConfig.defaults();
    }

    @Override
    public Reward create(DetectorConfig config, Context context) {
        Path folder = context.folder().resolve(config.folder());
        OnnxDevice device = OnnxDevice.choose(config.device() == null ? "auto" : config.device(), context);
        VisionModel model = VisionModel.open(folder, config.asModel(), device, session -> {
            ClassNames names = ClassNames.read(folder, config.names(), session.metadata());
            return Layout.outputs(config, names.names().size(), session.outputs())
                    .layout()
                    .letterboxed();
        });
        try {
            ClassNames names = ClassNames.read(folder, config.names(), model.metadata());
            return reward(config, context, device, names, model);
        } catch (UserException e) {
            model.close();
            throw e;
        }
    }

    private static Reward reward(
            DetectorConfig config, Context context, OnnxDevice device, ClassNames names, VisionModel model) {
        int classes = names.names().size();
        Layout.Outputs outputs = Layout.outputs(config, classes, model.outputs());
        Layout layout = outputs.layout();
        OutputReader reader = new OutputReader(
                outputs,
                classes,
                config.boxes() == null ? layout.centred() : config.boxes() == DetectorConfig.Boxes.CENTRE,
                config.units() == null ? layout.shares() : config.units() == DetectorConfig.Units.SHARES);
        return new DetectorReward(
                model,
                reader,
                names,
                Rules.of(config, layout),
                new Judge(config.positionThreshold() == null ? 0.1 : config.positionThreshold()),
                config.measure() == null ? DetectorConfig.Measure.SHARE : config.measure(),
                clip(config.clip(), context, device),
                new Workers(context.threads(), "detector-reward"));
    }

    private static @Nullable ImageTextEmbedder clip(@Nullable String clip, Context context, OnnxDevice device) {
        return clip == null
                ? null
                : ImageTextEmbedder.load(
                        context.folder().resolve(clip), OnnxConfig.bare(clip, null, null, null, null, null), device);
    }
}
