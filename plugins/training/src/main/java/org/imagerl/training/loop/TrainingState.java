package org.imagerl.training.loop;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.toolkit.nn.TensorFiles;
import org.imagerl.toolkit.optim.Ema;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a run must remember, exactly: trained tensors, moments and averages in {@code trainer.safetensors}, counters and the advantage's
 * statistics in {@code state.json}. Random streams need no memory: they follow from the seed and the epoch.
 *
 * @param epoch epochs finished
 * @param updates optimiser steps so far
 * @param emaUpdates steps of the averaged weights so far
 * @param trailingUpdates steps of the trailing average so far
 * @param advantage the advantage's own memory
 */
record TrainingState(long epoch, long updates, long emaUpdates, long trailingUpdates, Map<String, double[]> advantage) {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(
                    DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    /** Writes both files into a checkpoint's folder. */
    static void save(Path folder, Session session, long epoch) {
        Ema ema = session.ema;
        Ema trailing = session.weights.trailing();
        TrainingState state = new TrainingState(
                epoch,
                session.optimiser.steps(),
                ema == null ? 0 : ema.updates(),
                trailing == null ? 0 : trailing.updates(),
                session.advantages.state());
        TensorFiles.save(
                folder.resolve("trainer.safetensors"), tensors(session), Map.of("epoch", Long.toString(epoch)));
        AtomicFile.writeText(folder.resolve("state.json"), JSON.writeValueAsString(state) + "\n");
    }

    /** Takes both files back and returns the number of epochs finished. */
    static long restore(Path folder, Session session) {
        TrainingState state = read(folder.resolve("state.json"));
        TensorFiles.restore(folder.resolve("trainer.safetensors"), tensors(session));
        session.optimiser.restore(state.updates);
        if (session.ema != null) {
            session.ema.restore(state.emaUpdates);
        }
        Ema trailing = session.weights.trailing();
        if (trailing != null) {
            trailing.restore(state.trailingUpdates);
        }
        session.advantages.restore(state.advantage);
        return state.epoch;
    }

    private static TrainingState read(Path file) {
        try {
            return JSON.readValue(Files.readString(file), TrainingState.class);
        } catch (IOException | JacksonException e) {
            throw UserException.input(
                    file + ": is no state of a run: " + e.getMessage()
                            + "; to take an older checkpoint, move this one's" + " folder away",
                    e);
        }
    }

    private static Map<String, NDArray> tensors(Session session) {
        Map<String, NDArray> tensors = new TreeMap<>();
        session.tuning.parameters().forEach((name, tensor) -> tensors.put("parameter." + name, tensor));
        session.optimiser.state().forEach(tensors::put);
        if (session.ema != null) {
            session.ema.state().forEach((name, tensor) -> tensors.put("average." + name, tensor));
        }
        Ema trailing = session.weights.trailing();
        if (trailing != null) {
            trailing.state().forEach((name, tensor) -> tensors.put("trailing." + name, tensor));
        }
        return tensors;
    }
}
