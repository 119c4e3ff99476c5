package org.imagerl.toolkit.lora.files;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.imagerl.spi.lora.TensorFile;
import org.imagerl.toolkit.original.ModelKind;

/** Relatives of LoRA that are recognised by their keys, and why each is not read. */
@SuppressWarnings("ImmutableEnumChecker") // the lists are List.of
enum UnsupportedAdapters {
    LOHA("LoHa", "its updates are products of elements, not of matrices", ".hada_w1_a", ".hada_w2_a", ".hada_w1_b"),
    LOKR("LoKr", "its updates are Kronecker products", ".lokr_w1", ".lokr_w2", ".lokr_w1_a", ".lokr_w2_a"),
    DORA("DoRA", "it rescales the columns of the weight", ".lora_magnitude_vector", ".dora_scale"),
    TUCKER("LoCon with a middle tensor", "its updates are products of three tensors", ".lora_mid.weight"),
    OFT("OFT / BOFT", "it rotates the weight", ".oft_blocks", ".oft_diag", ".oft_R"),
    GLORA("GLoRA", "it also scales the weight", ".a1.weight", ".b1.weight"),
    IA3("IA3", "it scales inputs or outputs", ".on_input", ".ia3_l"),
    FULL("full differences", "they are whole weights, not low-rank ones", ".diff", ".diff_b", ".w_norm"),
    BIAS("LoRA with biases", "plain LoRA has none", ".lora_B.bias", ".lora_up.bias");

    private final String name;
    private final String reason;
    private final List<String> marks;

    UnsupportedAdapters(String name, String reason, String... marks) {
        this.name = name;
        this.reason = reason;
        this.marks = List.of(marks);
    }

    /** The kind that a file is; empty if it is none of them. */
    static Optional<UnsupportedAdapters> in(TensorFile file) {
        Collection<String> keys = file.names();
        // Some marks are short enough to be part of the name of a layer.
        boolean model =
                keys.stream().noneMatch(LoraKey::isMatrix) && ModelKind.of(file).isKnown();
        return List.of(values()).stream()
                .filter(kind -> !model && keys.stream().anyMatch(kind::marks))
                .findFirst();
    }

    private boolean marks(String key) {
        return marks.stream().anyMatch(mark -> key.endsWith(mark) || key.contains(mark + "."));
    }

    /** What to tell: the kind, the reason and the way out. */
    String message() {
        return "this is " + name + ", which is not supported (" + reason
                + "); merge it into its checkpoint with the tool that made it and use the merged checkpoint";
    }
}
