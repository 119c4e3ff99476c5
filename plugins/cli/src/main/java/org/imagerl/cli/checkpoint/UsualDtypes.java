package org.imagerl.cli.checkpoint;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.imagerl.spi.PipelineFactory;
import org.imagerl.spi.PipelineFactory.StoredWeights;
import org.imagerl.spi.work.Memory;
import org.jspecify.annotations.Nullable;

/**
 * The dtypes that commands use where the user names none; they follow from how the files of a checkpoint hold its
 * weights.
 */
final class UsualDtypes {
    private static final String VAE = "vae";
    private static final Set<String> DENOISERS = Set.of("unet", "transformer");

    /** Of the memory of a device, what weights may take: the rest is for activations and other programs. */
    private static final double SHARE = 0.8;

    private UsualDtypes() {}

    /**
     * To add a LoRA to weights and write them again: each component as files hold it, which takes the least memory, unless it is written in something
     * else. Sums are computed in float32 and rounded once, so that what is written is the same as if all had been held in float32. The VAE, which no
     * LoRA changes, is small.
     *
     * @param written the dtype that the user named; null: that of the files
     */
    static PipelineFactory.Dtypes toMerge(Map<String, StoredWeights> stored, @Nullable String written) {
        return new PipelineFactory.Dtypes(
                held(types(stored, DENOISERS::contains), written),
                held(types(stored, name -> !DENOISERS.contains(name) && !name.equals(VAE)), written),
                StoredWeights.FLOAT32);
    }

    private static Set<String> types(Map<String, StoredWeights> stored, Predicate<String> component) {
        return stored.entrySet().stream()
                .filter(entry -> component.test(entry.getKey()))
                .map(entry -> entry.getValue().dtype())
                .collect(Collectors.toSet());
    }

    /** Float8 with a factor would be rounded twice in anything less than float32. */
    private static String held(Set<String> types, @Nullable String written) {
        String stored = types.size() == 1 ? types.iterator().next() : StoredWeights.FLOAT32;
        boolean same = written == null || written.equals(stored);
        return same && !stored.equals(StoredWeights.FLOAT8) ? stored : StoredWeights.FLOAT32;
    }

    /**
     * To make images: float32, which every device computes best or at least exactly, unless the weights do not fit into the memory of the device in it. The
     * memory is that of the whole device, so that the same command makes the same images however busy it is.
     *
     * @param memory bytes that the device has in all; 0 where that is not known
     * @param onCpu whether that is the CPU, where float16 is far slower than float32
     * @param notices takes a line where files hold the denoiser in less than float32
     */
    static String toSample(
            Path checkpoint, Map<String, StoredWeights> stored, long memory, boolean onCpu, Consumer<String> notices) {
        String own = stored.entrySet().stream()
                .filter(component -> DENOISERS.contains(component.getKey()))
                .map(component -> component.getValue().dtype())
                .findFirst()
                .orElse(StoredWeights.FLOAT32);
        if (own.equals(StoredWeights.FLOAT32)) {
            return own;
        }
        long bytes = stored.values().stream().mapToLong(StoredWeights::numbers).sum() * Float.BYTES;
        String what = checkpoint + ": its denoiser is stored in " + own + "; in float32 the weights take "
                + Memory.size(bytes);
        String less = own.equals(StoredWeights.FLOAT16) ? own : StoredWeights.BFLOAT16;
        boolean fits = memory == 0 || bytes <= SHARE * memory;
        if (fits || (onCpu && less.equals(StoredWeights.FLOAT16))) {
            notices.accept(what + ", and images are computed in float32; --dtype " + less + " takes half"
                    + (onCpu ? ", but is far slower on many CPUs" : ""));
            return StoredWeights.FLOAT32;
        }
        notices.accept(what + ", too much for the " + Memory.size(memory) + " of the device, and images are computed"
                + " in " + less + "; --dtype float32 takes float32 all the same");
        return less;
    }
}
