package org.imagerl.toolkit.tensor;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The TorchScript module of all kernels, and the arguments that its methods take: numbers with native storage, dtypes, devices. */
final class KernelModule {
    static final NDManager MANAGER = TorchEngine.get().newBaseManager(Device.cpu());
    private static final PtSymbolBlock MODULE = load();
    private static final Map<Double, NDArray> NUMBERS = new ConcurrentHashMap<>();
    private static final Map<String, NDArray> CONSTANTS = new ConcurrentHashMap<>();

    /** The plain interpreter: same speed, and the same operations in the first call as in the thousandth. Set per thread. */
    private static final ThreadLocal<Boolean> INTERPRETER = ThreadLocal.withInitial(() -> {
        JniUtils.setGraphExecutorOptimize(false);
        return true;
    });

    private KernelModule() {}

    /** Returns when the module is loaded. */
    static void ready() {
        // the class is initialised before this is run
    }

    static NDArray call(String method, NDArray... inputs) {
        return run(method, new NDList(inputs));
    }

    static NDArray run(String method, NDList inputs) {
        INTERPRETER.get();
        inputs.add(method(method));
        try {
            // isTrain = true keeps autograd; whether a graph is recorded is up to the thread's grad mode.
            return IValueUtils.forward(MODULE, inputs, true).singletonOrThrow();
        } finally {
            inputs.remove(inputs.size() - 1);
        }
    }

    static NDArray number(double value) {
        return NUMBERS.computeIfAbsent(value, v -> Scope.keep(MANAGER.create(v.doubleValue())));
    }

    /** An array that is made once and lives as long as the program. */
    static NDArray constant(String name, Function<NDManager, NDArray> make) {
        return CONSTANTS.computeIfAbsent(name, key -> {
            try (NDArray made = make.apply(MANAGER)) {
                // Of native storage, not of Java's.
                return Scope.keep(made.duplicate());
            }
        });
    }

    static NDArray typed(DataType type) {
        return CONSTANTS.computeIfAbsent("dtype " + type, key -> Scope.keep(zero(type)));
    }

    private static NDArray zero(DataType type) {
        return type == DataType.BFLOAT16
                ? call("to_bfloat16", MANAGER.zeros(new Shape()))
                : MANAGER.zeros(new Shape(), type);
    }

    /** A float32 number on a device: the engine's own way there, {@code toDevice}, leaves a manager behind in every call. */
    static NDArray place(Device device) {
        return CONSTANTS.computeIfAbsent(
                "device " + device,
                key -> Scope.keep(MANAGER.newSubManager(device).zeros(new Shape())));
    }

    private static NDArray method(String name) {
        return CONSTANTS.computeIfAbsent("module_method:" + name, key -> {
            NDArray method = Scope.keep(MANAGER.zeros(new Shape()));
            method.setName(key);
            return method;
        });
    }

    private static PtSymbolBlock load() {
        try {
            return JniUtils.loadModule(
                    (PtNDManager) MANAGER, new ByteArrayInputStream(KernelArchive.kernels()), false, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
