package org.imagerl.training.tracker;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;

/**
 * Messages {@code Summary} as TensorBoard's plugins expect them.
 *
 * <p>Source: TensorFlow, {@code core/framework/summary.proto} and {@code tensor.proto}; TensorBoard,
 * {@code plugins/hparams/plugin_data.proto} and {@code plugins/text/metadata.py}.
 */
final class Summaries {
    private static final int FLOAT = 1;
    private static final int STRING = 7;
    private static final int RGB = 3;
    private static final int SUCCESS = 1;
    private static final int PNG_WIDTH_AT = 16;
    private static final int PNG_HEIGHT_AT = 20;

    private Summaries() {}

    /** Finite numbers as scalars; of others there is no point on a curve. */
    static ProtoMessage scalars(SortedMap<String, Double> values) {
        ProtoMessage summary = new ProtoMessage();
        values.forEach((name, value) -> {
            if (Double.isFinite(value)) {
                summary.message(1, new ProtoMessage().text(1, name).single(2, value.floatValue()));
            }
        });
        return summary;
    }

    /** An image, which is kept as the PNG file that it is. */
    static ProtoMessage png(String tag, byte[] file) {
        ByteBuffer header = ByteBuffer.wrap(file);
        ProtoMessage image = new ProtoMessage()
                .integer(1, header.getInt(PNG_HEIGHT_AT))
                .integer(2, header.getInt(PNG_WIDTH_AT))
                .integer(3, RGB)
                .bytes(4, file);
        return value(new ProtoMessage().text(1, tag).message(4, image));
    }

    /** A text in Markdown. */
    static ProtoMessage text(String tag, String markdown) {
        ProtoMessage shape = new ProtoMessage().message(2, new ProtoMessage().integer(1, 1));
        ProtoMessage tensor = new ProtoMessage()
                .integer(1, STRING)
                .message(2, shape)
                .bytes(8, markdown.getBytes(StandardCharsets.UTF_8));
        return value(new ProtoMessage()
                .text(1, tag)
                .message(8, tensor)
                .message(9, metadata(new ProtoMessage().text(1, "text"))));
    }

    /**
     * The hyperparameters with which a run began.
     *
     * @param values by name: a {@link Number}, a {@link Boolean}, or anything else, which becomes a text
     * @param seconds when it began, since 1970
     */
    static ProtoMessage hyperparameters(SortedMap<String, Object> values, double seconds) {
        ProtoMessage start = new ProtoMessage();
        values.forEach((name, value) ->
                start.message(1, new ProtoMessage().text(1, name).message(2, structValue(value))));
        return hparams("_hparams_/session_start_info", 3, start.real(5, seconds));
    }

    /** Says that the run of the hyperparameters has finished. */
    static ProtoMessage success(double seconds) {
        return hparams(
                "_hparams_/session_end_info",
                4,
                new ProtoMessage().integer(1, SUCCESS).real(2, seconds));
    }

    /** A {@code google.protobuf.Value}. */
    private static ProtoMessage structValue(Object value) {
        if (value instanceof Number number) {
            return new ProtoMessage().real(2, number.doubleValue());
        }
        return value instanceof Boolean flag
                ? new ProtoMessage().flag(4, flag)
                : new ProtoMessage().text(3, value.toString());
    }

    /** The plugin reads its data from the description of the tag, and wants a tensor that nobody reads beside it. */
    private static ProtoMessage hparams(String tag, int field, ProtoMessage data) {
        ProtoMessage plugin = new ProtoMessage().text(1, "hparams").message(2, new ProtoMessage().message(field, data));
        ProtoMessage noTensor = new ProtoMessage()
                .integer(1, FLOAT)
                .message(2, new ProtoMessage().message(2, new ProtoMessage().integer(1, 0)));
        return value(new ProtoMessage().text(1, tag).message(8, noTensor).message(9, metadata(plugin)));
    }

    private static ProtoMessage metadata(ProtoMessage plugin) {
        return new ProtoMessage().message(1, plugin);
    }

    private static ProtoMessage value(ProtoMessage value) {
        return new ProtoMessage().message(1, value);
    }
}
