package org.imagerl.rewards;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ServiceLoader;
import org.imagerl.spi.Factory;
import org.imagerl.spi.Plugin;
import org.junit.jupiter.api.Test;

final class RewardsPluginTest {

    @Test
    void isFoundAndRegistersItsRewardsWithAllDefaults() {
        Plugin plugin = ServiceLoader.load(Plugin.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(p -> p.name().equals("rewards"))
                .findFirst()
                .orElseThrow();
        assertThat(plugin.rewards())
                .<String>extracting(Factory::name)
                .containsExactly("ocr", "jpeg-compressibility", "jpeg-incompressibility");
        assertThat(plugin.rewards()).allSatisfy(f -> assertThat(f.description()).isNotBlank());
        assertThat(plugin.rewards()).allSatisfy(f -> assertThat(f.defaults()).hasNoNullFieldsOrProperties());
    }
}
