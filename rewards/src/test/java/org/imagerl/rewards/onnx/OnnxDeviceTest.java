package org.imagerl.rewards.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.imagerl.spi.Context;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OnnxDeviceTest {
    private final List<String> warnings = new ArrayList<>();

    @Test
    void followsARunOnTheCpuWithoutAWord() {
        assertThat(OnnxDevice.choose("auto", run("cpu"))).isEqualTo(new OnnxDevice(OnnxDevice.CPU));
        assertThat(OnnxDevice.choose("cpu", run("cuda:0"))).isEqualTo(new OnnxDevice(OnnxDevice.CPU));
        assertThat(OnnxDevice.choose("cpu", run("cpu").onlyChecking())).isEqualTo(new OnnxDevice(OnnxDevice.CPU, true));
        assertThat(warnings).isEmpty();
    }

    @Test
    void aRunOnAGpuFallsBackToTheCpuWithOneLineThatSaysWhatToDo() {
        assumeNoCuda();
        assertThat(OnnxDevice.choose("auto", run("cuda:0"))).isEqualTo(new OnnxDevice(OnnxDevice.CPU));
        assertThat(warnings)
                .hasSize(1)
                .first()
                .asString()
                .contains("CPU", "mvn -Pcuda")
                .doesNotContain("\n", "rror", "ailed");
    }

    @Test
    void aMachineWithoutAGpuHasNothingToBeToldAbout() {
        assumeTrue(
                !Files.exists(Path.of("/dev/nvidia0")) && !Files.exists(Path.of("/proc/driver/nvidia/version")),
                "a GPU");
        assertThat(OnnxDevice.choose("auto", run("auto"))).isEqualTo(new OnnxDevice(OnnxDevice.CPU));
        assertThat(warnings).isEmpty();
    }

    @Test
    void whatIsMissingIsSaidWhereTheBuildIsForGpus() {
        assertThat(OnnxDevice.onTheCpu(true, "no libcudnn.so.9"))
                .contains("cuDNN 9", "no libcudnn.so.9", "device: cpu");
    }

    @Test
    void failsIfAGpuThatWasAskedForCannotBeUsed() {
        assumeNoCuda();
        UserException e = catchThrowableOfType(UserException.class, () -> OnnxDevice.choose("cuda:0", run("cpu")));
        assertThat(e.kind()).isEqualTo(UserException.Kind.ENVIRONMENT);
        assertThat(e).hasMessageContaining("cuda:0").hasMessageContaining("onnxruntime_gpu");
        assertThat(warnings).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpu", "cuda", "cuda:x", "cuda:-1", "CPU", ""})
    void refusesOtherNames(String device) {
        assertThatThrownBy(() -> OnnxDevice.choose(device, run("cpu")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("'" + device + "'")
                .hasMessageContaining("auto, cpu or cuda:N");
    }

    @Test
    void aReasonIsNotWhereInTheSourcesItArose() {
        assertThat(OnnxDevice.oneLine(new OrtException(OrtException.OrtErrorCode.ORT_FAIL, """
            /onnxruntime_src/core/provider_bridge_ort.cc:1988 Provider& ProviderLibrary::Get() \
            [ONNXRuntimeError] : 1 : FAIL : Failed to load library libcublasLt.so.12
            and more\
            """)))
                .isEqualTo("Failed to load library libcublasLt.so.12");
    }

    private Context run(String device) {
        return new Context(Path.of(""), device, 1, warnings::add);
    }

    private static void assumeNoCuda() {
        OnnxNatives.prepare(line -> {});
        assumeTrue(!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA), "this ONNX Runtime has CUDA");
    }
}
