package org.imagerl.training.loop;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.imagerl.spi.State;
import org.imagerl.spi.Stateful;
import org.imagerl.spi.UserException;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.toolkit.nn.TensorFiles;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a run must remember, exactly: the memory of all its parts by name, tensors in {@code trainer.safetensors} and numbers in {@code state.json}.
 * Random streams need no memory: they follow from the seed and the epoch.
 *
 * @param epoch epochs finished
 * @param parts the numbers of each part that has some
 */
record TrainingState(long epoch, SortedMap<String, Map<String, double[]>> parts) {
    private static final String NUMBERS = "state.json";
    private static final String TENSORS = "trainer.safetensors";

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(
                    DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    /** Writes both files into a checkpoint's folder. */
    static void save(Path folder, long epoch, Map<String, Stateful> parts) {
        TrainingState state = new TrainingState(epoch, new TreeMap<>());
        parts.forEach((name, part) -> {
            Map<String, double[]> numbers = part.state().numbers();
            if (!numbers.isEmpty()) {
                state.parts.put(name, new TreeMap<>(numbers));
            }
        });
        TensorFiles.save(folder.resolve(TENSORS), tensors(parts), Map.of("epoch", Long.toString(epoch)));
        AtomicFile.writeText(folder.resolve(NUMBERS), JSON.writeValueAsString(state) + "\n");
    }

    /** Gives all parts their memory back and returns the number of epochs finished. */
    static long restore(Path folder, Map<String, Stateful> parts) {
        Path file = folder.resolve(NUMBERS);
        JsonNode tree = read(file);
        boolean old = tree.has("updates");
        TrainingState state =
                old ? value(file, tree, FormerState.class).renamed() : value(file, tree, TrainingState.class);
        Map<String, NDArray> tensors = new TreeMap<>();
        UnaryOperator<String> names = old ? FormerState::tensor : UnaryOperator.identity();
        tensors(parts).forEach((name, tensor) -> tensors.put(names.apply(name), tensor));
        TensorFiles.restore(folder.resolve(TENSORS), tensors);
        parts.forEach((name, part) -> {
            try {
                part.restore(State.of(state.parts.getOrDefault(name, Map.of())));
            } catch (IllegalStateException | IllegalArgumentException e) {
                throw UserException.input(file + ": " + name + ": " + e.getMessage() + remedy(), e);
            }
        });
        return state.epoch;
    }

    /**
     * As it was before every part had a name in it.
     *
     * @param updates optimiser steps so far
     * @param emaUpdates steps of the averaged weights so far
     * @param trailingUpdates steps of the moving average of the policy so far
     * @param advantage the advantage's own memory
     */
    private record FormerState(
            long epoch, long updates, long emaUpdates, long trailingUpdates, Map<String, double[]> advantage) {

        TrainingState renamed() {
            TrainingState state = new TrainingState(epoch, new TreeMap<>());
            state.parts.put("algorithm.advantage", advantage);
            state.parts.put("policy.average", Map.of("updates", new double[] {emaUpdates}));
            state.parts.put("policy.optimiser", Map.of("steps", new double[] {updates}));
            state.parts.put("policy.weights", Map.of("updates", new double[] {trailingUpdates}));
            return state;
        }

        /** The former name of a tensor. */
        static String tensor(String name) {
            return name.replaceFirst("^policy\\.weights\\.live\\.", "parameter.")
                    .replaceFirst("^policy\\.weights\\.ema\\.", "trailing.")
                    .replaceFirst("^policy\\.average\\.", "average.")
                    .replaceFirst("^policy\\.optimiser\\.", "");
        }
    }

    private static JsonNode read(Path file) {
        try {
            return JSON.readTree(Files.readString(file));
        } catch (IOException | JacksonException e) {
            throw noState(file, e);
        }
    }

    private static <T> T value(Path file, JsonNode tree, Class<T> type) {
        try {
            return JSON.treeToValue(tree, type);
        } catch (JacksonException e) {
            throw noState(file, e);
        }
    }

    private static UserException noState(Path file, Exception e) {
        return UserException.input(file + ": is no state of a run: " + e.getMessage() + remedy(), e);
    }

    private static String remedy() {
        return "; to take an older checkpoint, move this one's folder away";
    }

    private static Map<String, NDArray> tensors(Map<String, Stateful> parts) {
        Map<String, NDArray> tensors = new TreeMap<>();
        parts.forEach((part, stateful) ->
                stateful.state().tensors().forEach((name, tensor) -> tensors.put(part + "." + name, tensor)));
        return tensors;
    }
}
