package org.imagerl.cli.torch;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.imagerl.cli.console.Finding;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;

/** What is right and wrong with a PyTorch for DJL, each with a remedy. */
public final class TorchChecks {
    /** "Minor version compatibility": the first driver of NVIDIA on which libraries of any CUDA 12 run, on Linux. */
    private static final List<Integer> DRIVER_OF_CUDA_12 = List.of(525, 60, 13);

    private static final Pattern CUDA = Pattern.compile("\\+cu(1[0-9])([0-9])$");
    private static final Pattern CUDART = Pattern.compile("libcudart\\.so\\.([0-9]{1,3})");

    private final TorchFolder torch;
    private final Machine machine;
    private final List<Finding> findings = new ArrayList<>();

    private TorchChecks(TorchFolder torch, Machine machine) {
        this.torch = torch;
        this.machine = machine;
    }

    /**
     * Looks at a PyTorch.
     *
     * @param folder a virtual environment of Python, or a folder of PyTorch in it
     * @throws UserException if there is none, or one of its libraries is damaged
     */
    public static TorchReport of(Path folder) {
        return of(folder, Machine.here());
    }

    static TorchReport of(Path folder, Machine machine) {
        TorchFolder torch = TorchFolder.find(folder);
        return new TorchChecks(torch, machine).report(folder);
    }

    private TorchReport report(Path given) {
        version();
        processor();
        abi();
        String flavour = flavour();
        jni(flavour);
        libraries();
        Optional<Path> cudart = cudart(flavour);
        if (!flavour.equals("cpu")) {
            driver();
        }
        TorchSettings settings = new TorchSettings(torch, TorchJni.wantedVersion(), flavour, cudart);
        return new TorchReport(given, findings, settings);
    }

    private void version() {
        String wanted = TorchJni.wantedVersion();
        String found = (torch.version().isEmpty() ? "of an unknown version" : Quote.plain(torch.version())) + ", in "
                + torch.libraries();
        if (torch.version().matches(Pattern.quote(wanted) + "(\\+.*)?")) {
            findings.add(Finding.ok("torch", found));
        } else {
            findings.add(Finding.broken(
                    "torch",
                    found + "; DJL's JNI library is for " + wanted,
                    "install that version beside it: python3 -m venv DIR, then DIR/bin/pip install torch==" + wanted));
        }
    }

    private void processor() {
        int found = ElfFile.read(torch.libraries().resolve("libtorch.so")).machine();
        if (machine.elfMachine() == 0) {
            findings.add(Finding.broken(
                    "processor", machine.architecture() + ", for which DJL has no library", "use x86-64"));
        } else if (found != machine.elfMachine()) {
            findings.add(Finding.broken(
                    "processor",
                    "the libraries are for another processor (ELF machine " + found + ", this is "
                            + machine.elfMachine() + ")",
                    "install PyTorch on this machine"));
        }
    }

    /** Since 2.7 all published builds have the C++11 names; the JNI library asks for these. */
    private void abi() {
        findings.add(
                ElfFile.mentions(torch.libraries().resolve("libc10.so"), "__cxx1112basic_string")
                        ? Finding.ok("abi", "C++11")
                        : Finding.broken(
                                "abi",
                                "names of before C++11, with which the JNI library does not link",
                                "install a published build: pip install torch==" + TorchJni.wantedVersion()));
    }

    /** As DJL names it. One JNI library serves all of CUDA 12, because it calls PyTorch alone. */
    private String flavour() {
        if (torch.has("libtorch_hip.so")) {
            findings.add(Finding.broken(
                    "flavour", "ROCm, for which DJL has no JNI library", "use a build for CUDA or the CPU"));
            return "rocm";
        }
        if (!torch.has("libtorch_cuda.so")) {
            findings.add(Finding.warning(
                    "flavour",
                    "for the CPU: no GPU is used",
                    "for a GPU install a build for CUDA: pip install torch==" + TorchJni.wantedVersion()
                            + " on Linux is one"));
            return "cpu";
        }
        int major = cudaMajor();
        Matcher said = CUDA.matcher(torch.version());
        String found = said.find() ? "CUDA " + said.group(1) + "." + said.group(2) : "CUDA " + (major > 0 ? major : "");
        if (major == 12) {
            findings.add(Finding.ok("flavour", found));
        } else {
            findings.add(Finding.broken(
                    "flavour",
                    found.strip() + ", but DJL's JNI library is for CUDA 12",
                    "install the build for CUDA 12: pip install torch==" + TorchJni.wantedVersion()));
        }
        return "cu128";
    }

    private int cudaMajor() {
        return ElfFile.read(torch.libraries().resolve("libtorch_cuda.so")).needed().stream()
                .map(CUDART::matcher)
                .filter(Matcher::matches)
                .mapToInt(name -> Integer.parseInt(name.group(1)))
                .findFirst()
                .orElse(0);
    }

    private void jni(String flavour) {
        String name = machine.classifier() + "/" + flavour;
        findings.add(
                TorchJni.exists(machine.classifier(), flavour)
                        ? Finding.ok("jni", "the library for " + name + " is there")
                        : Finding.broken(
                                "jni",
                                "there is none for " + name + " on the class path",
                                "use the distribution for training on Linux; GPUs need x86-64"));
    }

    private void libraries() {
        MissingLibraries found = MissingLibraries.of(torch.loaded(), folders(), machine);
        if (found.missing().isEmpty()) {
            findings.add(Finding.ok("libraries", found.looked() + " looked at, none is missing"));
        }
        found.missing()
                .forEach((name, users) -> findings.add(Finding.broken(
                        "libraries",
                        Quote.plain(name) + " is missing, which " + Quote.plain(String.join(", ", users)) + " needs",
                        remedy(name))));
    }

    private List<Path> folders() {
        List<Path> folders = new ArrayList<>(torch.companions());
        folders.add(torch.libraries());
        return folders;
    }

    /** The package of pip that has a library of CUDA 12. */
    private static final Map<String, String> PACKAGES = Map.ofEntries(
            Map.entry("libcublas", "nvidia-cublas-cu12"),
            Map.entry("libcublasLt", "nvidia-cublas-cu12"),
            Map.entry("libcudart", "nvidia-cuda-runtime-cu12"),
            Map.entry("libcudnn", "nvidia-cudnn-cu12"),
            Map.entry("libcufft", "nvidia-cufft-cu12"),
            Map.entry("libcufile", "nvidia-cufile-cu12"),
            Map.entry("libcupti", "nvidia-cuda-cupti-cu12"),
            Map.entry("libcurand", "nvidia-curand-cu12"),
            Map.entry("libcusolver", "nvidia-cusolver-cu12"),
            Map.entry("libcusparse", "nvidia-cusparse-cu12"),
            Map.entry("libcusparseLt", "nvidia-cusparselt-cu12"),
            Map.entry("libnccl", "nvidia-nccl-cu12"),
            Map.entry("libnvJitLink", "nvidia-nvjitlink-cu12"),
            Map.entry("libnvToolsExt", "nvidia-nvtx-cu12"),
            Map.entry("libnvrtc", "nvidia-cuda-nvrtc-cu12"));

    private static String remedy(String library) {
        if (library.startsWith("libcuda.so")) {
            return "it comes with the driver of NVIDIA: install that";
        }
        String named = PACKAGES.get(library.replaceFirst("\\.so.*", ""));
        return named == null
                ? "install the package of your system that has it, or name its folder in LD_LIBRARY_PATH"
                : "pip install " + named + " into the same environment, in the version that torch "
                        + TorchJni.wantedVersion()
                        + " names (pip check says which), or name a folder with it in LD_LIBRARY_PATH";
    }

    /** DJL counts GPUs by it, and finds it in folders that it is given. */
    private Optional<Path> cudart(String flavour) {
        if (flavour.equals("cpu")) {
            return Optional.empty();
        }
        Optional<Path> found = torch.holder("libcudart.so")
                .or(() -> machine.folders().stream()
                        .filter(folder ->
                                folder.resolve("libcudart.so.12").toFile().isFile())
                        .findFirst());
        findings.add(found.map(folder -> Finding.ok("cudart", "in " + folder))
                .orElseGet(() -> Finding.broken(
                        "cudart", "libcudart.so is nowhere; without it DJL counts no GPU", remedy("libcudart.so"))));
        return found;
    }

    private void driver() {
        Optional<String> version = machine.driver();
        if (version.isEmpty()) {
            findings.add(Finding.warning(
                    "driver",
                    "there is none of NVIDIA: everything would run on the CPU",
                    "install it, version 525.60.13 or newer"));
        } else if (older(version.get())) {
            findings.add(Finding.broken(
                    "driver", version.get() + ", too old for CUDA 12", "install version 525.60.13 or newer"));
        } else {
            findings.add(Finding.ok("driver", version.get()));
        }
    }

    private static boolean older(String version) {
        if (version.equals("unknown")) {
            return false;
        }
        String[] parts = version.split("\\.");
        for (int i = 0; i < DRIVER_OF_CUDA_12.size(); i++) {
            int part = i < parts.length ? Integer.parseInt(parts[i]) : 0;
            if (part != DRIVER_OF_CUDA_12.get(i)) {
                return part < DRIVER_OF_CUDA_12.get(i);
            }
        }
        return false;
    }
}
