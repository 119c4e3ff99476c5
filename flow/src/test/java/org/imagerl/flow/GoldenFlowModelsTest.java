package org.imagerl.flow;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.imagerl.flow.checkpoint.FluxConfig;
import org.imagerl.flow.checkpoint.Sd3Config;
import org.imagerl.flow.checkpoint.T5Config;
import org.imagerl.flow.flux.FluxTransformer;
import org.imagerl.flow.sd3.Sd3Transformer;
import org.imagerl.flow.t5.T5Encoder;
import org.imagerl.latent.testing.ModelCheck;
import org.imagerl.latent.testing.ModelCheck.Model;
import org.imagerl.toolkit.nn.ParameterStore;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Our networks against diffusers and transformers: outputs and gradients of every case of golden/models of this module's kinds. */
class GoldenFlowModelsTest {

    @TestFactory
    Stream<DynamicTest> everyCaseHasThePublishedOutputsAndGradients() throws IOException {
        return ModelCheck.all(GoldenFlowModelsTest::tests);
    }

    private static Stream<DynamicTest> tests(ModelCheck check, Path folder) {
        return switch (ModelCheck.kind(folder)) {
            case "sd3" -> check.tests(folder, GoldenFlowModelsTest::sd3);
            case "flux" -> check.tests(folder, GoldenFlowModelsTest::flux);
            case "t5" -> check.test(folder, GoldenFlowModelsTest::t5);
            default -> check.none(folder);
        };
    }

    private static Model sd3(ParameterStore network, Path config, boolean checkpointing) {
        Sd3Transformer transformer = new Sd3Transformer(network, Sd3Config.read(config), checkpointing);
        return inputs ->
                Map.of("sample", transformer.forward(inputs.get("hidden_states"), inputs.get("timestep"), inputs));
    }

    private static Model flux(ParameterStore network, Path config, boolean checkpointing) {
        FluxTransformer transformer = new FluxTransformer(network, FluxConfig.read(config), checkpointing);
        return inputs -> {
            Map<String, NDArray> conditioning = new HashMap<>(inputs);
            NDArray patches = conditioning.remove("hidden_states");
            NDArray times = conditioning.remove("timestep");
            FluxTransformer.Places places =
                    new FluxTransformer.Places(conditioning.remove("img_ids"), conditioning.remove("txt_ids"));
            return Map.of("sample", transformer.forward(patches, times, conditioning, places));
        };
    }

    private static Model t5(ParameterStore network, Path config) {
        T5Encoder encoder = new T5Encoder(network, T5Config.read(config));
        return inputs -> Map.of("last_hidden_state", encoder.forward(inputs.get("input_ids")));
    }
}
