package org.imagerl.toolkit.lora.files;

import java.util.Collection;
import java.util.Optional;

/** The layouts in which adapters are kept. */
public enum LoraLayout {
    /** {@code pytorch_lora_weights.safetensors}: component and layer with dots, ranks and alphas in the metadata. */
    DIFFUSERS("diffusers"),
    /** One file with underscores for dots and an alpha tensor per layer; read by A1111, Invoke, ComfyUI and diffusers. */
    KOHYA("kohya"),
    /** A folder of {@code adapter_config.json} and {@code adapter_model.safetensors} per component. */
    PEFT("PEFT");

    private final String title;

    LoraLayout(String title) {
        this.title = title;
    }

    /** Its name as people write it. */
    String title() {
        return title;
    }

    /** What a key says in this layout; empty if it is none of it. */
    Optional<LoraKey> read(String key) {
        return switch (this) {
            case DIFFUSERS -> LoraKey.dotted(key);
            case KOHYA -> LoraKey.kohya(key);
            case PEFT -> LoraKey.peft(key);
        };
    }

    /** The layout of a file with these keys, by the matrices among them; empty if they are no adapter's. */
    static Optional<LoraLayout> of(Collection<String> keys) {
        for (LoraLayout layout : new LoraLayout[] {KOHYA, PEFT, DIFFUSERS}) {
            if (keys.stream().anyMatch(key -> layout.isMatrix(key))) {
                return Optional.of(layout);
            }
        }
        return Optional.empty();
    }

    private boolean isMatrix(String key) {
        return read(key).filter(found -> found.role() != LoraKey.Role.ALPHA).isPresent();
    }
}
