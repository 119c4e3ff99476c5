package org.imagerl.toolkit.tensor;

import ai.djl.Device;
import java.util.function.Consumer;
import org.imagerl.spi.UserException;

/** Where tensors live: {@code auto}, {@code cpu} or {@code cuda:N}. */
public final class Devices {
    private Devices() {}

    /**
     * The device of a name. {@code auto} is the first GPU, or the CPU where there is none; then that is said.
     *
     * @throws UserException for an unknown name or a GPU that is not there
     */
    public static Device choose(String name, Consumer<String> notices) {
        int gpus = TorchEngine.get().getGpuCount();
        if (name.equals("cpu")) {
            return Device.cpu();
        }
        if (name.equals("auto")) {
            notices.accept(
                    gpus > 0
                            ? "device auto: using cuda:0"
                            : "device auto: no CUDA GPU is visible to PyTorch, using the CPU");
            return gpus > 0 ? Device.gpu(0) : Device.cpu();
        }
        if (!name.matches("cuda:[0-9]{1,3}")) {
            throw UserException.input("device must be auto, cpu or cuda:N, not " + name);
        }
        int index = Integer.parseInt(name.substring(5));
        if (index >= gpus) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "device " + name + ": PyTorch sees " + gpus
                            + " CUDA GPUs; use cpu or auto, or give it a PyTorch for CUDA, see docs/gpu.md (imagerl"
                            + " doctor says what is there)");
        }
        return Device.gpu(index);
    }
}
