package org.imagerl.flow.transformer;

import ai.djl.ndarray.NDArray;
import java.util.Optional;
import org.imagerl.toolkit.nn.Linear;
import org.imagerl.toolkit.nn.ParameterScope;
import org.imagerl.toolkit.nn.RmsNorm;

/**
 * Queries, keys and values of a sequence, queries and keys of each head normalised or not (Henry et al., Query-Key Normalization for
 * Transformers, 2020, arXiv 2010.04245; here with root-mean-square norms).
 */
public final class Projections {
    private static final double EPS = 1e-6;

    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Optional<Norms> norms;

    private record Norms(RmsNorm query, RmsNorm key) {}

    /**
     * Names of the layers under the attention's place.
     *
     * @param normQuery of the norm of queries, for attentions that have one
     * @param normKey of the norm of keys
     */
    record Names(String query, String key, String value, String normQuery, String normKey) {
        static final Names OWN = new Names("to_q", "to_k", "to_v", "norm_q", "norm_k");
        static final Names ADDED = new Names("add_q_proj", "add_k_proj", "add_v_proj", "norm_added_q", "norm_added_k");
    }

    /** Declares the layers {@code to_q}, {@code to_k}, {@code to_v} and their norms. */
    public Projections(ParameterScope attention, AttentionSize size) {
        this(attention, size, Names.OWN);
    }

    Projections(ParameterScope attention, AttentionSize size, Names names) {
        int width = size.width();
        query = attention.at(names.query()).linear(width, width);
        key = attention.at(names.key()).linear(width, width);
        value = attention.at(names.value()).linear(width, width);
        norms = size.normalised()
                ? Optional.of(new Norms(
                        attention.at(names.normQuery()).rmsNorm(width / size.heads(), EPS),
                        attention.at(names.normKey()).rmsNorm(width / size.heads(), EPS)))
                : Optional.empty();
    }

    /** Queries, keys and values {@code [B, L, E]} of {@code [B, L, E]}. */
    public NDArray[] apply(NDArray x) {
        NDArray q = query.apply(x);
        return new NDArray[] {norms.map(norm -> norm.query().heads(q)).orElse(q), keys(x), values(x)};
    }

    /** Keys alone. */
    NDArray keys(NDArray x) {
        NDArray k = key.apply(x);
        return norms.map(norm -> norm.key().heads(k)).orElse(k);
    }

    /** Values alone. */
    NDArray values(NDArray x) {
        return value.apply(x);
    }
}
