package org.imagerl.rewards.ocr;

import org.imagerl.images.text.TargetText;
import org.imagerl.images.text.TextFolding;
import org.imagerl.rewards.onnx.OnnxDevice;
import org.imagerl.spi.Context;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Reward;
import org.imagerl.spi.work.Workers;

/** Makes the reward for images that show the text asked for. */
public final class OcrFactory implements Factory<Reward, OcrConfig> {
    private static final int GPU_BATCH = 16;

    @Override
    public String name() {
        return "ocr";
    }

    @Override
    public String description() {
        return "share of the letters in the prompt's quoted text that PP-OCR reads in the image, 0 to 1";
    }

    @Override
    public OcrConfig defaults() {
        return new OcrConfig(
                OcrConfig.Models.PP_OCR_V4,
                OcrConfig.Mode.DETECT,
                0.5,
                OcrConfig.ChannelOrder.BGR,
                ReadingOrder.PADDLE,
                TargetText.Quotes.AUTO,
                TargetText.Fallback.ERROR,
                true,
                true,
                null,
                "auto");
    }

    @Override
    public Reward create(OcrConfig config, Context context) {
        config.check();
        OnnxDevice device = OnnxDevice.choose(config.device(), context);
        Integer batch = config.batchSize();
        TextReader reader = TextReader.load(
                config, device, batch != null ? batch : device.cuda() == OnnxDevice.CPU ? 1 : GPU_BATCH);
        TextFolding folding = new TextFolding(config.ignoreCase(), config.ignoreSpaces());
        TargetText target = new TargetText(config.quotes(), config.fallback(), folding);
        return new OcrReward(reader, target, config, new Workers(context.threads(), "ocr-reward"));
    }
}
