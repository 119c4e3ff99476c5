package org.imagerl.toolkit.nn;

import ai.djl.ndarray.types.Shape;
import org.imagerl.toolkit.nn.Parameter.Init;
import org.jspecify.annotations.Nullable;

/**
 * A place in a network's key tree, {@code down_blocks.0.resnets.1}, where layers are declared. Weights start as torch's modules
 * start theirs: uniform in +- 1 / sqrt(fan in) for linear layers and convolutions, ones and zeros for norms.
 */
public final class ParameterScope {
    private final ParameterStore network;
    private final String path;

    ParameterScope(ParameterStore network, String path) {
        this.network = network;
        this.path = path;
    }

    /** The place below, by name (which may hold dots). */
    public ParameterScope at(String name) {
        return new ParameterScope(network, path.isEmpty() ? name : path + "." + name);
    }

    /** The place below, by index. */
    public ParameterScope at(int index) {
        return at(Integer.toString(index));
    }

    /** Declares a linear layer here, with bias. */
    public Linear linear(int in, int out) {
        return linear(in, out, true);
    }

    /** Declares a linear layer here. */
    public Linear linear(int in, int out, boolean bias) {
        Init init = new Init.Uniform(1 / Math.sqrt(in));
        Parameter weight = parameter("weight", new Shape(out, in), init);
        return network.adaptable(path, new Linear(weight, bias(bias, out, init)));
    }

    /** Declares a convolution with bias here. */
    public Conv2d conv2d(int in, int out, int kernel, int stride, int padding) {
        return conv2d(in, out, kernel, stride, padding, true);
    }

    /** Declares a convolution here. */
    public Conv2d conv2d(int in, int out, int kernel, int stride, int padding, boolean bias) {
        Init init = new Init.Uniform(1 / Math.sqrt((double) in * kernel * kernel));
        Parameter weight = parameter("weight", new Shape(out, in, kernel, kernel), init);
        return network.adaptable(path, new Conv2d(weight, bias(bias, out, init), stride, padding));
    }

    /** Declares a group norm here. */
    public GroupNorm groupNorm(int groups, int channels, double eps) {
        Shape shape = new Shape(channels);
        return new GroupNorm(ones(shape), parameter("bias", shape, new Init.Constant(0)), groups, eps);
    }

    /** Declares a layer norm here. */
    public LayerNorm layerNorm(int width, double eps) {
        Shape shape = new Shape(width);
        return new LayerNorm(ones(shape), parameter("bias", shape, new Init.Constant(0)), eps);
    }

    /** Declares a root-mean-square norm here. */
    public RmsNorm rmsNorm(int width, double eps) {
        return new RmsNorm(ones(new Shape(width)), eps);
    }

    /** Declares a table of rows here. */
    public Embedding embedding(int rows, int width, double std) {
        return new Embedding(parameter("weight", new Shape(rows, width), new Init.Normal(std)));
    }

    /** Declares a single weight here. */
    public Parameter parameter(String name, Shape shape, Init init) {
        return network.declare(at(name).path, shape, init);
    }

    private Parameter ones(Shape shape) {
        return parameter("weight", shape, new Init.Constant(1));
    }

    private @Nullable Parameter bias(boolean wanted, int out, Init init) {
        return wanted ? parameter("bias", new Shape(out), init) : null;
    }
}
