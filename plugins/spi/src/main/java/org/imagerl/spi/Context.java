package org.imagerl.spi;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.imagerl.spi.lora.LoraLayout;

/**
 * What a factory may know of its surroundings.
 *
 * @param folder relative paths of a configuration are relative to this: the folder of the configuration file
 * @param device the device asked for by the run: {@code auto}, {@code cpu} or {@code cuda:N}
 * @param threads how many threads native code of the part may use
 * @param warnings takes one line for the user per thing that was not as asked, for instance a fall-back to the CPU
 * @param parts what files of earlier trainings name
 * @param loraLayouts the layouts in which adapters are read; empty where no plugins are known
 * @param checking whether the part is made to find what is wrong with it, and not to work: it may then leave weights unread
 */
public record Context(
        Path folder,
        String device,
        int threads,
        Consumer<String> warnings,
        PartCodec parts,
        List<LoraLayout> loraLayouts,
        boolean checking) {

    /** Copies the list. */
    public Context {
        loraLayouts = List.copyOf(loraLayouts);
    }

    /** A context for parts that work. */
    public Context(
            Path folder,
            String device,
            int threads,
            Consumer<String> warnings,
            PartCodec parts,
            List<LoraLayout> loraLayouts) {
        this(folder, device, threads, warnings, parts, loraLayouts, false);
    }

    /** A context in which no plugins are known. */
    public Context(Path folder, String device, int threads, Consumer<String> warnings) {
        this(folder, device, threads, warnings, PartCodec.none(), List.of());
    }

    /** The same for a configuration in another folder. */
    public Context in(Path other) {
        return new Context(other, device, threads, warnings, parts, loraLayouts, checking);
    }

    /** The same context with another receiver of warnings. */
    public Context warning(Consumer<String> other) {
        return new Context(folder, device, threads, other, parts, loraLayouts, checking);
    }

    /** The same context for parts that are only checked. */
    public Context onlyChecking() {
        return new Context(folder, device, threads, warnings, parts, loraLayouts, true);
    }
}
