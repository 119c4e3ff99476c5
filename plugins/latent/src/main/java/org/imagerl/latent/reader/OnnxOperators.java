package org.imagerl.latent.reader;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.imagerl.toolkit.tensor.Kernels;

/** The operators of ONNX that PP-OCR's recognisers consist of, differentiable in their floating-point inputs. Sizes are int64 tensors. */
final class OnnxOperators {
    private OnnxOperators() {}

    /** The output of a node. */
    static NDArray of(NodeProto node, List<NDArray> in) {
        NDArray x = in.get(0);
        return switch (node.getOpType()) {
            case "Add" -> x.add(in.get(1));
            case "Sub" -> x.sub(in.get(1));
            case "Mul" -> x.mul(in.get(1));
            case "Div" -> x.div(in.get(1));
            case "Pow" -> x.pow(in.get(1));
            case "Sqrt" -> x.sqrt();
            case "MatMul" -> x.matMul(in.get(1));
            case "Identity" -> x;
            case "Relu" -> x.getNDArrayInternal().relu();
            case "Sigmoid" -> x.getNDArrayInternal().sigmoid();
            case "HardSigmoid" -> hardSigmoid(x, node);
            case "Clip" -> Kernels.clamp(x, in.get(1).getFloat(), in.get(2).getFloat());
            case "Softmax" -> x.softmax((int) attribute(node, "axis").getI());
            case "Conv" -> convolution(in, node);
            case "BatchNormalization" ->
                normalised(in, attribute(node, "epsilon").getF());
            case "GlobalAveragePool" -> x.mean(new int[] {3}, true).mean(new int[] {2}, true);
            case "AveragePool" ->
                JniUtils.avgPool(
                        (PtNDArray) x,
                        pair(node, "kernel_shape"),
                        pair(node, "strides"),
                        pair(node, "pads"),
                        false,
                        false);
            case "ReduceMean" -> x.mean(new int[] {axis(node, x)}, true);
            case "Transpose" ->
                x.transpose(
                        Arrays.stream(list(node, "perm")).mapToInt(i -> (int) i).toArray());
            case "Squeeze" -> x.squeeze(axis(node, x));
            case "Concat" ->
                NDArrays.concat(new NDList(in), (int) attribute(node, "axis").getI());
            case "Shape" -> x.getManager().create(x.getShape().getShape()).duplicate();
            case "Cast" -> cast(x, (int) attribute(node, "to").getI());
            case "Slice" -> slice(in);
            case "Reshape" -> reshape(x, in.get(1).toLongArray());
            default -> throw new IllegalArgumentException("the operator " + node.getOpType() + " of ONNX is not known");
        };
    }

    private static NDArray hardSigmoid(NDArray x, NodeProto node) {
        double alpha = attribute(node, "alpha").getF();
        return Kernels.clamp(
                Kernels.shift(Kernels.scale(x, alpha), attribute(node, "beta").getF()), 0, 1);
    }

    private static NDArray convolution(List<NDArray> in, NodeProto node) {
        PtNDArray bias = in.size() > 2 ? (PtNDArray) in.get(2) : null;
        return JniUtils.convolution(
                (PtNDArray) in.get(0),
                (PtNDArray) in.get(1),
                bias,
                pair(node, "strides"),
                pair(node, "pads"),
                pair(node, "dilations"),
                (int) attribute(node, "group").getI());
    }

    /** With the statistics of training, which are weights: scale, bias, mean, variance. */
    private static NDArray normalised(List<NDArray> in, double epsilon) {
        Shape perChannel = new Shape(1, -1, 1, 1);
        NDArray scale = in.get(1).div(Kernels.shift(in.get(4), epsilon).sqrt());
        NDArray offset = in.get(2).sub(in.get(3).mul(scale));
        return in.get(0).mul(scale.reshape(perChannel)).add(offset.reshape(perChannel));
    }

    /** Of this network's casts those of sizes change nothing, and no other changes a type. */
    private static NDArray cast(NDArray x, int to) {
        boolean toFloat = to == 1;
        if (toFloat != (x.getDataType() == DataType.FLOAT32)) {
            throw new IllegalArgumentException("a cast of " + x.getDataType() + " to ONNX's type " + to);
        }
        return x;
    }

    private static NDArray slice(List<NDArray> in) {
        long[] starts = in.get(1).toLongArray();
        long[] ends = in.get(2).toLongArray();
        long[] axes = in.get(3).toLongArray();
        NDArray sliced = in.get(0);
        for (int i = 0; i < axes.length; i++) {
            long length = sliced.getShape().get((int) axes[i]);
            sliced = JniUtils.slice((PtNDArray) sliced, axes[i], starts[i], Math.min(ends[i], length), 1);
        }
        return sliced;
    }

    /** A length of 0 is that of the input. */
    private static NDArray reshape(NDArray x, long... lengths) {
        return x.reshape(new Shape(IntStream.range(0, lengths.length)
                .mapToLong(i -> lengths[i] == 0 ? x.getShape().get(i) : lengths[i])
                .toArray()));
    }

    private static int axis(NodeProto node, NDArray x) {
        int axis = (int) list(node, "axes")[0];
        return axis < 0 ? axis + x.getShape().dimension() : axis;
    }

    /** The first two numbers: padding is the same on both sides in these networks. */
    private static Shape pair(NodeProto node, String name) {
        long[] values = list(node, name);
        if (values.length == 4 && (values[0] != values[2] || values[1] != values[3])) {
            throw new IllegalArgumentException(name + " that differ between two sides");
        }
        return new Shape(values[0], values[1]);
    }

    private static AttributeProto attribute(NodeProto node, String name) {
        return node.getAttributeList().stream()
                .filter(attribute -> attribute.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(node.getOpType() + " without " + name));
    }

    private static long[] list(NodeProto node, String name) {
        return attribute(node, name).getIntsList().stream()
                .mapToLong(Long::longValue)
                .toArray();
    }
}
