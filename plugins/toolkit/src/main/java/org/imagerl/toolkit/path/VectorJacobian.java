package org.imagerl.toolkit.path;

import ai.djl.ndarray.NDArray;
import java.util.function.Function;
import java.util.function.Supplier;
import org.imagerl.toolkit.tensor.Gradients;
import org.imagerl.toolkit.tensor.Scope;

/** Vector-Jacobian products, each recorded by itself, so that no more than one function is in memory with its graph. */
final class VectorJacobian {
    private VectorJacobian() {}

    /**
     * A product that is yet to be taken.
     *
     * @param value of any shape, with its graph
     * @param cotangent of the same shape, a constant
     */
    record Product(NDArray value, NDArray cotangent) {}

    /** Adds the gradients of a product to the weights, and gives that of its input, of the input's shape. */
    static NDArray ofInput(NDArray input, Function<NDArray, Product> function) {
        return Scope.of(() -> Gradients.record(recording -> {
            NDArray leaf = input.stopGradient();
            leaf.setRequiresGradient(true);
            Product product = function.apply(leaf);
            recording.backward(product.value(), product.cotangent());
            return leaf.getGradient();
        }));
    }

    /** Adds the gradients of a product to the weights alone. */
    static void ofWeights(Supplier<Product> function) {
        Scope.run(() -> Gradients.record(recording -> {
            Product product = function.get();
            recording.backward(product.value(), product.cotangent());
            return product;
        }));
    }
}
