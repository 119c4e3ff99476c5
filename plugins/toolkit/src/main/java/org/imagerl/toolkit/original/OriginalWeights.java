package org.imagerl.toolkit.original;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.imagerl.spi.UserException;
import org.imagerl.spi.text.Quote;
import org.imagerl.toolkit.safetensors.KeyReport;
import org.imagerl.toolkit.safetensors.SafetensorsFile;
import org.imagerl.toolkit.safetensors.TensorView;
import org.imagerl.toolkit.safetensors.WeightViews;
import org.jspecify.annotations.Nullable;

/** The weights of a network in a file of the model's own layout. */
public final class OriginalWeights {
    /** Each number of an 8-bit tensor is to be multiplied by it; other tools write it so beside "weight". */
    private static final String SCALE = "scale_weight";

    /** Of the activations, for computing in 8 bits, which nobody does here. */
    private static final String INPUT_SCALE = "scale_input";

    private static final String MARKER = "scaled_fp8";
    private static final List<String> OTHER_QUANTISATIONS =
            List.of("comfy_quant", "weight_scale", "quant_state", "absmax", "qweight");

    private final TensorGroup group;
    private final OriginalLayout layout;

    private OriginalWeights(TensorGroup group, OriginalLayout layout) {
        this.group = group;
        this.layout = layout;
    }

    /**
     * Finds every weight of a network.
     *
     * @param declared the weights of the network with their shapes
     * @throws UserException listing, by the names of the file, all tensors that are missing, unexpected or of another shape; or naming a
     *     quantisation that cannot be read
     */
    public static WeightViews views(TensorGroup group, OriginalLayout layout, Map<String, Shape> declared) {
        return new OriginalWeights(group, layout).views(declared);
    }

    private WeightViews views(Map<String, Shape> declared) {
        refuseOtherQuantisations();
        SortedMap<String, OriginalTensor> tensors = OriginalTensor.of(declared, layout);
        check(tensors);
        SortedMap<String, TensorView> views = new TreeMap<>();
        tensors.values().forEach(tensor -> addViews(tensor, views));
        SortedSet<String> identities = new TreeSet<>(declared.keySet());
        identities.removeAll(views.keySet());
        return new WeightViews(group.file().path().toString(), views, identities);
    }

    private void addViews(OriginalTensor tensor, SortedMap<String, TensorView> views) {
        TensorView whole = whole(tensor.name());
        long row = 0;
        for (OriginalTensor.Weight weight : tensor.weights()) {
            TensorView part = whole;
            if (tensor.weights().size() > 1) {
                long rows = weight.shape().get(0);
                part = whole.rows(row, rows);
                row += rows;
            }
            views.put(weight.key(), weight.place().view(part, weight.shape()));
        }
    }

    private TensorView whole(String name) {
        SafetensorsFile file = group.file();
        TensorView view = TensorView.whole(file, group.prefix() + name);
        String scale = group.prefix() + name.replaceFirst("weight$", SCALE);
        if (!name.endsWith("weight") || !file.has(scale)) {
            return view;
        }
        float factor = file.entry(scale).elements() == 1 ? file.floats(scale)[0] : Float.NaN;
        if (!Float.isFinite(factor)) {
            throw UserException.input(file.path() + ": tensor " + Quote.of(scale) + " has the shape "
                    + file.entry(scale).shape() + (file.entry(scale).elements() == 1 ? " and is " + factor : "")
                    + ", expected one finite number, the scale of the 8-bit tensor beside it");
        }
        return view.times(factor);
    }

    private void refuseOtherQuantisations() {
        for (String name : group.names()) {
            String last = name.substring(name.lastIndexOf('.') + 1);
            if (OTHER_QUANTISATIONS.stream().anyMatch(last::equals)) {
                throw UserException.input(group.file().path() + ": tensor " + Quote.of(group.prefix() + name)
                        + " is of a quantisation that cannot be read; take the float16, bfloat16 or float32 file of the"
                        + " model, or one in float8 (F8_E4M3, F8_E5M2)");
            }
        }
    }

    private void check(SortedMap<String, OriginalTensor> tensors) {
        Map<String, Shape> expected = new TreeMap<>();
        tensors.forEach((name, tensor) -> expected.put(group.prefix() + name, tensor.shape()));
        Map<String, Shape> found = new TreeMap<>();
        for (String name : found()) {
            Shape needed = expected.get(group.prefix() + name);
            found.put(group.prefix() + name, squeezed(needed, group.shape(name)));
        }
        KeyReport report = KeyReport.compare(group.file().path().toString(), expected, found);
        if (!report.clean()) {
            throw UserException.input(report.message(
                    "the tensors are not those of the model that their shapes describe",
                    "the file is of a kind of model that is not known here, or not complete: get it again, or take"
                            + " another file of the model"));
        }
    }

    /** Whether a tensor belongs to 8-bit weights beside it, and is no weight itself. */
    public static boolean isScale(String name) {
        return name.endsWith("." + SCALE)
                || name.endsWith("." + INPUT_SCALE)
                || name.equals(MARKER)
                || name.endsWith("." + MARKER);
    }

    private List<String> found() {
        List<String> found = new ArrayList<>();
        for (String name : group.names()) {
            if (!isScale(name) && !layout.ignores(name)) {
                found.add(name);
            }
        }
        return found;
    }

    /** Matrices and 1 x 1 convolutions are the same numbers. */
    private static Shape squeezed(@Nullable Shape needed, Shape found) {
        if (needed == null || needed.dimension() < 2 || found.dimension() < 2) {
            return found;
        }
        boolean same = needed.size() == found.size() && needed.get(0) == found.get(0) && needed.get(1) == found.get(1);
        return same ? needed : found;
    }
}
