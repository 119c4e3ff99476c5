package org.imagerl.toolkit.lora.files;

import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * How diffusers 0.36 spells the matrices of a layer: {@code lora_A}, {@code lora_B} for transformers; for UNets and text
 * encoders it converts attention layers, and only those, to an older spelling ({@code PEFT_TO_DIFFUSERS} in
 * state_dict_utils.py). Its own loaders do not take every mixture of both:
 *
 * <ul>
 *   <li>for a UNet the spelling of the alphabetically first key decides how all keys are read, so the old one is used only
 *       where the first key has it;
 *   <li>for a text encoder without attention layers there must still be an old key, so all are old.
 * </ul>
 */
final class DiffusersSpelling {
    private static final Set<String> UNET_ATTENTION = Set.of("to_q", "to_k", "to_v", "to_out.0");
    private static final Set<String> TEXT_ATTENTION = Set.of("q_proj", "k_proj", "v_proj", "out_proj");

    private final Set<String> old;
    private final String oldWord;

    private DiffusersSpelling(Set<String> old, String oldWord) {
        this.old = old;
        this.oldWord = oldWord;
    }

    /** The spelling for the layers of one component. */
    static DiffusersSpelling of(String component, Set<String> layers) {
        if (component.equals("unet")) {
            return unet(attention(layers, UNET_ATTENTION), new TreeSet<>(layers));
        }
        if (component.equals("transformer")) {
            return new DiffusersSpelling(Set.of(), "lora");
        }
        Set<String> attention = attention(layers, TEXT_ATTENTION);
        return new DiffusersSpelling(attention.isEmpty() ? layers : attention, "lora_linear_layer");
    }

    private static DiffusersSpelling unet(Set<String> attention, SortedSet<String> layers) {
        boolean firstIsOld = !layers.isEmpty() && attention.contains(layers.first());
        return new DiffusersSpelling(firstIsOld ? attention : Set.of(), "lora");
    }

    private static Set<String> attention(Set<String> layers, Set<String> names) {
        Set<String> attention = new TreeSet<>(layers);
        attention.removeIf(layer -> names.stream().noneMatch(name -> layer.endsWith("." + name)));
        return attention;
    }

    /** The key of the down matrix, without the component. */
    String down(String layer) {
        return layer + (old.contains(layer) ? "." + oldWord + ".down.weight" : ".lora_A.weight");
    }

    /** The key of the up matrix, without the component. */
    String up(String layer) {
        return layer + (old.contains(layer) ? "." + oldWord + ".up.weight" : ".lora_B.weight");
    }
}
