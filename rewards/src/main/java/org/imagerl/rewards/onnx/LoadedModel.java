package org.imagerl.rewards.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import org.imagerl.rewards.onnx.ModelInput.Tensor;
import org.imagerl.spi.work.NativeWork;

/** A session of ONNX Runtime that is never freed under a run: freeing it asks the runs in flight to give up, and waits for them. */
final class LoadedModel {
    /** A run gives up between two nodes of its graph; no node takes this long. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final OrtSession session;
    private final List<TensorSpec> inputs;
    private final List<TensorSpec> outputs;
    private final Map<String, String> metadata;
    /** In flight; guarded by itself. */
    private final Set<OnnxRun> runs = new HashSet<>();

    private boolean closing;

    LoadedModel(OrtSession session) throws OrtException {
        this.session = session;
        this.inputs = TensorSpec.all(session.getInputInfo().values());
        this.outputs = TensorSpec.all(session.getOutputInfo().values());
        this.metadata = Map.copyOf(session.getMetadata().getCustomMetadata());
    }

    List<TensorSpec> inputs() {
        return inputs;
    }

    List<TensorSpec> outputs() {
        return outputs;
    }

    Map<String, String> metadata() {
        return metadata;
    }

    /**
     * Runs it.
     *
     * @throws CancellationException if it is being freed, or the process is ending
     * @throws OrtException if an input does not fit, the device fails, or the time limit of this thread is over
     */
    Map<String, Tensor> run(Map<String, ModelInput> feeds, Set<String> wanted) throws OrtException {
        Map<String, OnnxTensor> given = new LinkedHashMap<>();
        try (OnnxRun run = OnnxRun.begin()) {
            begin(run);
            try {
                for (TensorSpec tensor : inputs) {
                    ModelInput input = feeds.get(tensor.name());
                    if (input != null) {
                        given.put(tensor.name(), OrtTensors.of(OnnxDevice.environment(), input, tensor.element()));
                    }
                }
                return run(given, wanted, run);
            } finally {
                given.values().forEach(OnnxTensor::close);
                end(run);
            }
        }
    }

    private Map<String, Tensor> run(Map<String, OnnxTensor> given, Set<String> wanted, OnnxRun run)
            throws OrtException {
        try (OrtSession.Result result = session.run(given, wanted, run.options())) {
            Map<String, Tensor> values = new LinkedHashMap<>();
            for (Map.Entry<String, OnnxValue> entry : result) {
                values.put(entry.getKey(), OrtTensors.floats(entry.getKey(), entry.getValue()));
            }
            return values;
        } catch (OrtException e) {
            throw run.failure(e);
        }
    }

    private void begin(OnnxRun run) {
        synchronized (runs) {
            if (closing) {
                throw new CancellationException("the model is being closed");
            }
            runs.add(run);
        }
    }

    private void end(OnnxRun run) {
        synchronized (runs) {
            runs.remove(run);
            runs.notifyAll();
        }
    }

    /** Frees it, once; if a run does not come back its memory is left to the end of the process. */
    void close() {
        synchronized (runs) {
            closing = true;
            runs.forEach(OnnxRun::giveUp);
            if (!quiet()) {
                return;
            }
        }
        NativeWork freeing;
        try {
            freeing = NativeWork.begin(() -> {});
        } catch (CancellationException e) {
            return; // the process is ending, which frees all
        }
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime did not close a session", e);
        } finally {
            freeing.returned();
        }
    }

    /** Waits for the runs in flight, interrupted or not: nothing may be freed under them. */
    private boolean quiet() {
        long end = System.nanoTime() + PATIENCE.toNanos();
        boolean interrupted = false;
        while (!runs.isEmpty() && System.nanoTime() < end) {
            try {
                TimeUnit.NANOSECONDS.timedWait(runs, Math.max(1, end - System.nanoTime()));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return runs.isEmpty();
    }
}
