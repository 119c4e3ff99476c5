package org.imagerl.rewards.ocr;

import org.imagerl.rewards.Workers;
import org.imagerl.rewards.onnx.OnnxDevice;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Reward;

/** Makes the reward for pictures that show the text asked for. */
public final class OcrFactory implements Factory<Reward, OcrConfig> {

    @Override
    public String name() {
        return "ocr";
    }

    @Override
    public String description() {
        return "share of the letters of the text asked for that PP-OCR reads in the picture, 0 to 1";
    }

    @Override
    public OcrConfig defaults() {
        return new OcrConfig(
                OcrConfig.Models.PP_OCR_V4,
                OcrConfig.Mode.DETECT,
                0.5,
                OcrConfig.ChannelOrder.BGR,
                ReadingOrder.PADDLE,
                "auto");
    }

    @Override
    public Reward create(OcrConfig config, Context context) {
        config.check();
        TextReader reader = TextReader.load(config, OnnxDevice.choose(config.device(), context));
        return new OcrReward(reader, config.dropScore(), new Workers(context.threads(), "ocr-reward"));
    }
}
