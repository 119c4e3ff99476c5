package org.imagerl.bench.denoiser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.imagerl.diffusion.checkpoint.UnetConfig;
import org.imagerl.diffusion.checkpoint.UnetLevel;
import org.imagerl.diffusion.unet.UNet;
import org.imagerl.spi.Checkpointing;
import org.imagerl.toolkit.nn.ParameterStore;
import org.junit.jupiter.api.Test;

/** Stable Diffusion 1.5's UNet, declared but not filled. */
class UnetShapeTest {
    private static final int TOKENS = 77;
    private static final UnetShape SHAPE = new UnetShape(new UnetBenchmarkFactory().defaults());

    private static UnetLevel level(int channels, int blocks, boolean attention) {
        return new UnetLevel(channels, blocks, attention, 8, 1, 768, false);
    }

    private static ParameterStore unet() {
        UnetConfig config = new UnetConfig(
                4,
                4,
                List.of(64, 64),
                List.of(level(320, 2, true), level(640, 2, true), level(1280, 2, true), level(1280, 2, false)),
                Optional.of(level(1280, 2, true)),
                List.of(level(1280, 3, false), level(1280, 3, true), level(640, 3, true), level(320, 3, true)),
                1280,
                true,
                0,
                32,
                1e-5,
                false,
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of());
        ParameterStore network = new ParameterStore("unet");
        assertThat(new UNet(network, config, Checkpointing.FALSE)).isNotNull();
        return network;
    }

    private static double giga(Map<BenchKernel, Integer> counts, Class<?> kind) {
        return counts.entrySet().stream()
                        .filter(entry -> kind.isInstance(entry.getKey()))
                        .mapToDouble(entry -> entry.getValue() * entry.getKey().operations())
                        .sum()
                / 1e9;
    }

    @Test
    void hasTheWeightsAndTheOperationsThatArePublished() {
        ParameterStore network = unet();
        long weights = network.shapes().values().stream()
                .mapToLong(shape -> shape.size())
                .sum();
        assertThat(weights).isEqualTo(859_520_964L);
        Map<BenchKernel, Integer> counts = SHAPE.kernels(network);
        double layers = giga(counts, BenchKernel.Convolution.class) + giga(counts, BenchKernel.Product.class);
        // Kim et al., BK-SDM, 2023, arXiv 2305.15798, say 339 G multiply-accumulate operations.
        assertThat(layers / 2).isCloseTo(339, within(0.5));
        // 16 attentions of pixels to pixels and 16 to the text, by hand.
        double pixels = 5 * 4096.0 * 4096 * 320 + 5 * 1024.0 * 1024 * 640 + 5 * 256.0 * 256 * 1280 + 64.0 * 64 * 1280;
        double text = TOKENS * (5 * 4096.0 * 320 + 5 * 1024.0 * 640 + 5 * 256.0 * 1280 + 64.0 * 1280);
        assertThat(giga(counts, BenchKernel.Attention.class)).isCloseTo(4 * (pixels + text) / 1e9, within(1e-6));
    }

    @Test
    void placesLayersAtTheirLevel() {
        Map<BenchKernel, Integer> counts = SHAPE.kernels(unet());
        int layers = counts.entrySet().stream()
                .filter(entry -> !(entry.getKey() instanceof BenchKernel.Attention))
                .mapToInt(Map.Entry::getValue)
                .sum();
        assertThat(layers).isEqualTo(unet().adaptables().size());
        assertThat(counts)
                .containsEntry(new BenchKernel.Convolution(4, 320, 3, 1, 64), 1)
                .containsEntry(new BenchKernel.Convolution(320, 320, 3, 2, 64), 1)
                .containsEntry(new BenchKernel.Convolution(1280, 1280, 3, 2, 16), 1)
                .containsEntry(new BenchKernel.Convolution(640, 640, 3, 1, 64), 1)
                .containsEntry(new BenchKernel.Convolution(2560, 1280, 3, 1, 8), 3)
                .containsEntry(new BenchKernel.Product(TOKENS, 768, 320), 10)
                .containsEntry(new BenchKernel.Product(4096, 320, 2560), 5)
                .containsEntry(new BenchKernel.Product(1, 320, 1280), 1)
                .containsEntry(new BenchKernel.Attention(4096, 4096, 320, 8), 5)
                .containsEntry(new BenchKernel.Attention(64, TOKENS, 1280, 8), 1);
        assertThat(Stream.of(new BenchKernel.Convolution(3, 5, 3, 2, 8), new BenchKernel.Product(2, 3, 5)))
                .extracting(BenchKernel::operations)
                .containsExactly(2.0 * 16 * 3 * 5 * 9, 60.0);
    }
}
