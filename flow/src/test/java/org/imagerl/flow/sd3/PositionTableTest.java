package org.imagerl.flow.sd3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.imagerl.flow.checkpoint.Sd3Config;
import org.imagerl.latent.testing.ArrayFile;
import org.imagerl.latent.testing.GoldenFolder;
import org.imagerl.latent.testing.ModelCase;
import org.imagerl.toolkit.nn.NetworkWeights;
import org.imagerl.toolkit.nn.ParameterStore;
import org.imagerl.toolkit.random.RandomStreams;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class PositionTableTest {
    private static final Sd3Config FIVE_BY_FIVE =
            new Sd3Config(1, 1, 6, 2, 1, 1, 4, 4, 4, 5, List.of(), false, List.of());

    @TestFactory
    Stream<DynamicTest> theTableOfANewNetworkIsThatOfPublishedOnes() throws IOException {
        return GoldenFolder.tests(
                "models/sd3*/config.json",
                file -> Stream.of(dynamicTest(file.getParent().getFileName().toString(), () -> compare(file))));
    }

    private static void compare(Path configFile) throws IOException {
        Sd3Config config = Sd3Config.read(configFile);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray published = ArrayFile.read(
                            configFile.resolveSibling("diffusion_pytorch_model.safetensors"), manager)
                    .get("pos_embed.pos_embed");
            float[] ours = PositionTable.sinusoids(
                    config.maxPatches(), config.width(), config.sampleSize() / config.patchSize());
            ModelCase.requireClose("pos_embed", manager.create(ours, published.getShape()), published, 1e-6);
        }
    }

    @Test
    void aGridTakesThePartAroundTheCentre() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray whole = crop(manager, 5, 5).reshape(5, 5, 4);
            assertThat(crop(manager, 2, 3).reshape(2, 3, 4)).isEqualTo(whole.get("1:3, 1:4, :"));
            assertThat(crop(manager, 5, 1).reshape(5, 1, 4)).isEqualTo(whole.get(":, 2:3, :"));
            assertThat(crop(manager, 1, 4).getShape()).isEqualTo(new Shape(1, 4, 4));
        }
    }

    @Test
    void aGridLargerThanTheTableIsRefused() {
        try (NDManager manager = NDManager.newBaseManager()) {
            assertThatThrownBy(() -> crop(manager, 6, 1)).hasMessageContaining("6 x 1 patches");
        }
    }

    private static NDArray crop(NDManager manager, int rows, int columns) {
        ParameterStore network = new ParameterStore("transformer");
        PositionTable table = new PositionTable(network.root(), FIVE_BY_FIVE);
        NetworkWeights.initialise(network, manager, new RandomStreams(0));
        assertThat(network.trainable()).isEmpty();
        return table.crop(rows, columns);
    }
}
