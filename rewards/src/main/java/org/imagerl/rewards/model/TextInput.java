package org.imagerl.rewards.model;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.imagerl.hub.tokenizer.FolderTokenizer;
import org.imagerl.rewards.onnx.ModelInput;
import org.imagerl.rewards.onnx.ModelInput.Ids;
import org.imagerl.rewards.onnx.TensorSpec;
import org.imagerl.spi.UserException;

/**
 * The inputs of a model that take a prompt.
 *
 * @param tokenizer makes token ids
 * @param tensors the inputs by what they take: {@code text.ids}, {@code text.mask}, {@code text.types}
 * @param maxLength longer prompts are cut
 * @param padTo the length that all prompts get; 0 if they keep their own
 * @param prefix what stands before every prompt
 */
record TextInput(FolderTokenizer tokenizer, Map<Role, TensorSpec> tensors, int maxLength, int padTo, String prefix) {
    private static final int MAX_TOKENS = 1 << 20;

    /** What an input takes. */
    enum Role {
        IMAGE("image"),
        /** Token ids. */
        IDS("text.ids"),
        /** 1 where there is a token, 0 where there is padding. */
        MASK("text.mask"),
        /** The number of the sentence that a token belongs to: all 0. */
        TYPES("text.types");

        private final String key;

        Role(String key) {
            this.key = key;
        }

        /** As it stands in manifests. */
        String key() {
            return key;
        }
    }

    /**
     * Looks at types and shapes.
     *
     * @throws UserException if one takes no token ids, or so many that no prompt has them
     */
    static void requirePorts(Collection<TensorSpec> tensors) {
        for (TensorSpec tensor : tensors) {
            int rank = tensor.shape().size();
            if (rank != 0 && rank != 2) {
                throw UserException.input("input " + tensor
                        + " takes no prompts: they have two dimensions, prompts and tokens; export the model so");
            }
            if (!tensor.element().isFed()) {
                throw UserException.input("input " + tensor + " takes " + tensor.type()
                        + ", which token ids are not made into; export the model with int64");
            }
            if (tensor.length(0) == 0 || tensor.length(1) == 0 || tensor.leastElements() > MAX_TOKENS) {
                throw UserException.input(
                        "input " + tensor + " takes " + tensor.length(0) + " prompts of " + tensor.length(1)
                                + " tokens; a run may take from 1 token to " + MAX_TOKENS
                                + " in all; export the model with less");
            }
        }
    }

    /** How many prompts a run takes, if that is fixed; else -1. */
    int fixedBatch() {
        return tensors.values().stream()
                .mapToInt(tensor -> (int) tensor.length(0))
                .max()
                .orElse(-1);
    }

    /** The input tensors of one prompt, repeated in {@code rows} rows. */
    Map<String, ModelInput> feeds(String prompt, int rows) {
        int[] ids = tokenizer.encode(prefix + prompt, maxLength);
        int length = Math.max(ids.length, padTo);
        long[] tokens = new long[length];
        long[] mask = new long[length];
        int pad = length > ids.length ? tokenizer.padId() : 0;
        for (int i = 0; i < length; i++) {
            tokens[i] = i < ids.length ? ids[i] : pad;
            mask[i] = i < ids.length ? 1 : 0;
        }
        requireSmallIds(ids);
        Map<String, ModelInput> feeds = new LinkedHashMap<>();
        tensors.forEach((role, tensor) -> {
            long[] row = role == Role.IDS ? tokens : role == Role.MASK ? mask : new long[length];
            feeds.put(tensor.name(), new Ids(repeated(row, rows), new long[] {rows, length}));
        });
        return feeds;
    }

    /** A type of few digits would take another token for a great id. */
    private void requireSmallIds(int[] ids) {
        TensorSpec tensor = tensors.get(Role.IDS);
        double greatest = tensor == null ? 0 : tensor.element().greatestWhole();
        for (int id : ids) {
            if (tensor != null && id > greatest) {
                throw UserException.input("token " + id + " does not fit into input " + tensor
                        + ", which holds whole numbers to " + (long) greatest + "; export the model with int64");
            }
        }
    }

    private static long[] repeated(long[] row, int rows) {
        long[] all = Arrays.copyOf(row, rows * row.length);
        for (int i = 1; i < rows; i++) {
            System.arraycopy(row, 0, all, i * row.length, row.length);
        }
        return all;
    }
}
