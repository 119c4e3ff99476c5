package org.imagerl.rewards.model;

import org.imagerl.rewards.onnx.OnnxDevice;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Reward;
import org.imagerl.spi.work.Workers;

/**
 * Makes a reward of a model folder.
 *
 * @param defaults what the name stands for
 */
record OnnxRewardFactory(String name, String description, OnnxConfig defaults) implements Factory<Reward, OnnxConfig> {

    @Override
    public Reward create(OnnxConfig config, Context context) {
        String wanted = config.device() == null ? "auto" : config.device();
        OnnxDevice device = OnnxDevice.choose(wanted, context);
        ModelPlan plan = ModelLoader.load(context.folder().resolve(config.folder()), config, device);
        return new ModelReward(plan, new Workers(context.threads(), name + "-reward"));
    }
}
