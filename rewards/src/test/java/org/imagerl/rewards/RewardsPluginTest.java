package org.imagerl.rewards;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ServiceLoader;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Plugin;
import org.junit.jupiter.api.Test;

final class RewardsPluginTest {

    @Test
    void isFoundAndRegistersItsRewards() {
        Plugin plugin = ServiceLoader.load(Plugin.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(p -> p.name().equals("rewards"))
                .findFirst()
                .orElseThrow();
        assertThat(plugin.rewards())
                .<String>extracting(Factory::name)
                .containsExactly(
                        "onnx",
                        "pickscore",
                        "clip",
                        "clip100",
                        "clipscore",
                        "hpsv2",
                        "siglip",
                        "aesthetic",
                        "imagereward",
                        "background-brightness",
                        "detector",
                        "diversity",
                        "ocr",
                        "pixel-diversity",
                        "jpeg-compressibility",
                        "jpeg-incompressibility",
                        "remote",
                        "reference-image",
                        "submodular",
                        "texture",
                        "vlm-judge");
        assertThat(plugin.features()).<String>extracting(Factory::name).containsExactly("onnx");
        assertThat(plugin.rewards()).allSatisfy(f -> assertThat(f.description()).isNotBlank());
    }
}
