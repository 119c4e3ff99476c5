package org.imagerl.cli.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.imagerl.cli.console.Finding;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.CacheFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With folders as pip makes them, of libraries that have nothing in them but what they need. */
class TorchChecksTest {
    private static final String WANTED = TorchJni.wantedVersion();

    @TempDir
    private Path folder;

    private Path environment;
    private Path packages;
    private Path libraries;
    private Machine machine;

    @BeforeEach
    void anEnvironmentWithTorchForCuda126() throws IOException {
        environment = folder.resolve("my venv");
        packages = environment.resolve("lib/python3.11/site-packages");
        libraries = packages.resolve("torch/lib");
        Files.createDirectories(libraries);
        says("__version__ = '" + WANTED + "+cu126'");
        elf().symbol("_ZNSt7__cxx1112basic_stringE").needs("libc.so.6").write(libraries.resolve("libc10.so"));
        elf().needs("libc10.so").write(libraries.resolve("libtorch_cpu.so"));
        elf().needs("libtorch_cpu.so").write(libraries.resolve("libtorch.so"));
        elf().needs("libcudart.so.12").write(libraries.resolve("libc10_cuda.so"));
        elf().needs("libc10_cuda.so", "libcudart.so.12", "libcudnn.so.9").write(libraries.resolve("libtorch_cuda.so"));
        elf().needs("libcuda.so.1").write(libraries.resolve("libcaffe2_nvrtc.so"));
        elf().needs("libtorch.so").write(libraries.resolve("libtorch_python.so"));
        elf().write(packages.resolve("nvidia/cuda_runtime/lib/libcudart.so.12"));
        elf().needs("libcublas.so.12").write(packages.resolve("nvidia/cudnn/lib/libcudnn.so.9"));
        elf().write(packages.resolve("nvidia/cublas/lib/libcublas.so.12"));
        Files.createSymbolicLink(environment.resolve("lib64"), environment.resolve("lib"));
        Path driver = Files.writeString(
                folder.resolve("driver"),
                "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue\nGCC version: 12\n");
        machine = new Machine("amd64", List.of(), driver);
    }

    private static TinyElf elf() {
        return new TinyElf().searches("$ORIGIN:$ORIGIN/../../nvidia/cuda_runtime/lib");
    }

    private void says(String version) throws IOException {
        Files.writeString(packages.resolve("torch/version.py"), "debug = False\n" + version + "\ncuda = '12.6'\n");
    }

    private TorchReport report() {
        return TorchChecks.of(environment, machine);
    }

    private static String faults(TorchReport report) {
        return report.findings().stream()
                .filter(finding -> finding.status() != Finding.Status.OK)
                .map(finding ->
                        finding.status() + " " + finding.subject() + ": " + finding.found() + " -> " + finding.remedy())
                .collect(Collectors.joining("\n"));
    }

    @Test
    void aWholeOneOfTheRightVersionHasNoFault() {
        assertThat(faults(report())).isEmpty();
        assertThat(report().findings().stream().map(Finding::found))
                .anyMatch(found -> found.startsWith(WANTED + "+cu126, in "))
                .contains("CUDA 12.6", "C++11", "550.54.15")
                .contains("8 looked at, none is missing");
    }

    @Test
    void itIsFoundByEveryFolderThatHoldsIt() {
        Stream.of(environment, packages, packages.resolve("torch"), libraries)
                .forEach(given -> assertThat(TorchFolder.find(given).libraries())
                        .as(given.toString())
                        .isEqualTo(libraries));
    }

    @Test
    void whereThereIsNoneTheRemedyIsSaid() {
        assertThatThrownBy(() -> TorchFolder.find(folder))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no PyTorch for Linux")
                .hasMessageContaining("pip install torch==" + WANTED);
        assertThatThrownBy(() -> TorchFolder.find(folder.resolve("none"))).hasMessageContaining("is no folder");
    }

    @Test
    void severalAreNotChosenFrom() throws IOException {
        elf().write(environment.resolve("lib/python3.12/site-packages/torch/lib/libtorch.so"));
        assertThatThrownBy(() -> TorchFolder.find(environment)).hasMessageContaining("has several PyTorch");
    }

    @Test
    void anotherVersionIsBroken() throws IOException {
        says("__version__ = '2.6.0+cu124'");
        assertThat(faults(report()))
                .startsWith("BROKEN torch: 2.6.0+cu124, in ")
                .contains("DJL's JNI library is for " + WANTED);
    }

    @Test
    void theVersionIsAlsoThatOfThePackageOrOfTheArchive() throws IOException {
        says("");
        Files.createDirectory(packages.resolve("torch-" + WANTED + "+cu128.dist-info"));
        assertThat(TorchFolder.find(environment).version()).isEqualTo(WANTED + "+cu128");
        Path archive = folder.resolve("libtorch");
        elf().write(archive.resolve("lib/libtorch.so"));
        Files.writeString(archive.resolve("build-version"), WANTED + "+cpu\n");
        assertThat(TorchFolder.find(archive).version()).isEqualTo(WANTED + "+cpu");
    }

    @Test
    void aLibraryThatIsMissingIsNamedWithItsUserAndItsPackage() throws IOException {
        Files.delete(packages.resolve("nvidia/cublas/lib/libcublas.so.12"));
        assertThat(faults(report()))
                .startsWith("BROKEN libraries: libcublas.so.12 is missing, which libcudnn.so.9 needs -> pip install"
                        + " nvidia-cublas-cu12");
        elf().write(folder.resolve("system/libcublas.so.12"));
        Path settings = Files.createDirectory(folder.resolve("ld.so.conf.d"));
        Files.writeString(settings.resolve("cuda.conf"), "# of CUDA\n" + folder.resolve("system") + "\n");
        machine = new Machine("amd64", Machine.configured(settings), machine.driverFile());
        assertThat(faults(report())).isEmpty();
    }

    @Test
    void withoutCudartNoGpuIsCounted() throws IOException {
        Files.delete(packages.resolve("nvidia/cuda_runtime/lib/libcudart.so.12"));
        assertThat(faults(report()))
                .contains("BROKEN cudart: ", "nvidia-cuda-runtime-cu12")
                .contains("libcudart.so.12 is missing, which libc10_cuda.so, libtorch_cuda.so needs");
    }

    @Test
    void oneForTheCpuIsUsedWithAWarning() throws IOException {
        Files.delete(libraries.resolve("libtorch_cuda.so"));
        Files.delete(libraries.resolve("libc10_cuda.so"));
        says("__version__ = '" + WANTED + "+cpu'");
        assertThat(faults(report())).startsWith("WARNING flavour: for the CPU").doesNotContain("BROKEN");
        assertThat(environmentOf(report())).contains("export PYTORCH_FLAVOR=cpu");
        assertThat(report().settings().javaOption()).isEmpty();
    }

    @Test
    void otherCudasRocmAndOldNamesAreBroken() throws IOException {
        elf().needs("libcudart.so.11.0").write(libraries.resolve("libtorch_cuda.so"));
        says("__version__ = '" + WANTED + "+cu118'");
        elf().write(libraries.resolve("libc10.so"));
        assertThat(faults(report()))
                .contains("BROKEN flavour: CUDA 11.8, but DJL's JNI library is for CUDA 12")
                .contains("BROKEN abi: ");
        elf().write(libraries.resolve("libtorch_hip.so"));
        assertThat(faults(report())).contains("BROKEN flavour: ROCm").contains("BROKEN jni: ");
    }

    @Test
    void driversAreComparedByNumber() throws IOException {
        Files.writeString(machine.driverFile(), "NVIDIA UNIX Open Kernel Module for x86_64  525.60.9  Release\n");
        assertThat(faults(report())).startsWith("BROKEN driver: 525.60.9, too old");
        Files.writeString(machine.driverFile(), "NVIDIA UNIX Open Kernel Module for x86_64  1000.1  Release\n");
        assertThat(faults(report())).isEmpty();
        Files.delete(machine.driverFile());
        assertThat(faults(report())).startsWith("WARNING driver: there is none");
        elf().write(folder.resolve("wsl/lib/libcuda.so.1"));
        machine = new Machine("amd64", List.of(folder.resolve("wsl/lib")), machine.driverFile());
        assertThat(faults(report())).as("the driver of Windows").isEmpty();
    }

    @Test
    void anotherProcessorIsBroken() throws IOException {
        elf().machine(183).needs("libtorch_cpu.so").write(libraries.resolve("libtorch.so"));
        assertThat(faults(report())).startsWith("BROKEN processor: the libraries are for another processor");
    }

    @Test
    void theSettingsNameAFolderOfLinksToWhatDjlLoads() throws IOException {
        TorchReport report = report();
        List<String> lines = environmentOf(report);
        String first = lines.get(0);
        Path links = Path.of(first.substring(first.indexOf('=') + 1).replace("'", ""));
        assertThat(names(links))
                .contains("libc10.so", "libtorch_cuda.so")
                .doesNotContain("libcaffe2_nvrtc.so", "libtorch_python.so");
        assertThat(links.resolve("libtorch.so").toRealPath())
                .isEqualTo(libraries.resolve("libtorch.so").toRealPath());
        assertThat(lines)
                .contains("export PYTORCH_VERSION=" + WANTED, "export PYTORCH_FLAVOR=cu128")
                .anyMatch(line -> line.startsWith("export LD_LIBRARY_PATH='" + packages + "/nvidia/cublas/lib':")
                        && line.contains(":'" + libraries + "'${LD_LIBRARY_PATH:+"));
        assertThat(report.settings().javaOption())
                .contains("-Djna.library.path=" + packages + "/nvidia/cuda_runtime/lib");
        assertThat(environmentOf(report)).isEqualTo(lines);
    }

    private List<String> environmentOf(TorchReport report) throws IOException {
        return report.settings().environment(CacheFolder.open(folder.resolve("cache")));
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @Test
    void aShellGetsSettingsOrTheFaults() throws IOException {
        says("__version__ = '1.13.1'");
        StringWriter out = new StringWriter();
        assertThatThrownBy(() -> report().printForShell(new PrintWriter(out)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("this PyTorch cannot be used")
                .hasMessageContaining("1.13.1")
                .hasMessageContaining("-> install that version beside it");
        assertThat(out.toString()).isEmpty();
        assertThat(TorchSettings.quoted("/a b/it's")).isEqualTo("'/a b/it'\\''s'");
    }
}
