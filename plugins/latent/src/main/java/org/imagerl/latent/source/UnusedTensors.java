package org.imagerl.latent.source;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.original.OriginalWeights;
import org.imagerl.toolkit.original.TensorGroup;
import org.imagerl.toolkit.safetensors.SafetensorsFile;

/** The tensors of a single file that belong to none of its components, and that no published file has. */
final class UnusedTensors {
    private static final int MAX_NAMED = 3;

    /** Tables of the noise schedule, averaged weights, temperatures, and keys that say how a model was trained. */
    private static final Pattern KNOWN = Pattern.compile("(alphas|log_one_minus|posterior|sqrt)_.*|betas|model_ema\\..*"
            + "|denoiser\\.sigmas|(.*\\.)?logit_scale|(.*\\.)?position_ids|v_pred|ztsnr|global_step");

    private UnusedTensors() {}

    /** A line for the user; empty if there are none. */
    static Optional<String> note(SafetensorsFile file, SingleFileKind kind) {
        Set<String> used = new HashSet<>();
        for (SingleFileKind.Part part : kind.parts()) {
            part.format()
                    .find(file)
                    .ifPresent(found -> new TensorGroup(file, found.prefix())
                            .names()
                            .forEach(name -> used.add(found.prefix() + name)));
        }
        List<String> unused = new ArrayList<>();
        for (String name : file.names()) {
            if (!used.contains(name)
                    && !OriginalWeights.isScale(name)
                    && !KNOWN.matcher(name).matches()) {
                unused.add(name);
            }
        }
        String some = unused.stream().limit(MAX_NAMED).map(Quote::of).collect(Collectors.joining(", "));
        return unused.isEmpty()
                ? Optional.empty()
                : Optional.of(file.path() + ": " + unused.size() + " of its tensors belong to no component of "
                        + kind.title() + " and are not used: " + some + (unused.size() > MAX_NAMED ? ", ..." : ""));
    }
}
