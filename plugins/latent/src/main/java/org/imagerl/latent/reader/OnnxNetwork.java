package org.imagerl.latent.reader;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.imagerl.toolkit.tensor.Scope;

/**
 * A network in the format ONNX, computed node by node with our tensors, so that its output has a gradient back to its input. Its weights are constants of nodes.
 * It knows the operators of {@link OnnxOperators}; all is float32.
 *
 * <p>Source: onnx/docs/Operators.md, operator set 12.
 */
final class OnnxNetwork {
    private final String input;
    private final String output;

    /** Without their weights. */
    private final List<NodeProto> nodes = new ArrayList<>();

    private final Map<String, NDArray> constants = new HashMap<>();

    /**
     * Reads a model.
     *
     * @param model the content of a file of ours: it is not checked as that of a stranger would be
     * @param manager that the weights live as long as
     */
    OnnxNetwork(byte[] model, NDManager manager) {
        GraphProto graph;
        try {
            graph = ModelProto.parseFrom(model).getGraph();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("the bytes are no ONNX model", e);
        }
        input = graph.getInput(0).getName();
        output = graph.getOutput(0).getName();
        for (NodeProto node : graph.getNodeList()) {
            if (node.getOpType().equals("Constant")) {
                constants.put(
                        node.getOutput(0), OnnxTensors.of(node.getAttribute(0).getT(), manager));
            } else {
                nodes.add(node);
            }
        }
    }

    /**
     * What goes into the softmax that gives the output; differentiable in the input.
     *
     * @param images float32, of the shape that the network takes
     * @return float32, the logits
     */
    NDArray logits(NDArray images) {
        return Scope.of(() -> {
            Map<String, NDArray> values = new HashMap<>(constants);
            values.put(input, images);
            for (NodeProto node : nodes) {
                List<NDArray> inputs =
                        node.getInputList().stream().map(values::get).toList();
                if (node.getOutput(0).equals(output)) {
                    return inputs.get(0);
                }
                values.put(node.getOutput(0), OnnxOperators.of(node, inputs));
            }
            throw new IllegalStateException("no node gives the output of the network");
        });
    }
}
