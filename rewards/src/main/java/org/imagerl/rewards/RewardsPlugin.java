package org.imagerl.rewards;

import java.util.ArrayList;
import java.util.List;
import org.imagerl.rewards.colour.BackgroundBrightness;
import org.imagerl.rewards.colour.PixelDiversity;
import org.imagerl.rewards.detect.DetectorFactory;
import org.imagerl.rewards.jpeg.JpegCompressibility;
import org.imagerl.rewards.jpeg.JpegIncompressibility;
import org.imagerl.rewards.model.DiversityFactory;
import org.imagerl.rewards.model.OnnxFeaturesFactory;
import org.imagerl.rewards.model.Presets;
import org.imagerl.rewards.model.ReferenceImageFactory;
import org.imagerl.rewards.model.SubmodularFactory;
import org.imagerl.rewards.ocr.OcrFactory;
import org.imagerl.rewards.remote.JudgeFactory;
import org.imagerl.rewards.remote.RemoteFactory;
import org.imagerl.rewards.texture.TextureFactory;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Features;
import org.imagerl.spi.Plugin;
import org.imagerl.spi.Reward;

/** Registers the rewards of this module. */
public final class RewardsPlugin implements Plugin {

    @Override
    public String name() {
        return "rewards";
    }

    @Override
    public List<Factory<? extends Reward, ?>> rewards() {
        List<Factory<? extends Reward, ?>> all = new ArrayList<>(Presets.factories());
        all.addAll(List.of(
                new BackgroundBrightness(),
                new DetectorFactory(),
                new DiversityFactory(),
                new OcrFactory(),
                new PixelDiversity(),
                new JpegCompressibility(),
                new JpegIncompressibility(),
                new RemoteFactory(),
                new ReferenceImageFactory(),
                new SubmodularFactory(),
                new TextureFactory(),
                new JudgeFactory()));
        return List.copyOf(all);
    }

    @Override
    public List<Factory<? extends Features, ?>> features() {
        return List.of(new OnnxFeaturesFactory());
    }
}
