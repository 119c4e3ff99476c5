package org.imagerl.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/**
 * The sum of an update's shards, in a fixed binary tree whoever adds them up.
 *
 * @param heads of all shards in their order
 * @param busy what computed them, and how long
 * @param gradient in parts
 */
record GradientSum(List<byte[]> heads, List<UpdateCosts.Busy> busy, List<byte[]> gradient) implements Serializable {

    /** Of results that are here. */
    static GradientSum of(Iterable<ShardResult> results) {
        List<ShardResult> ordered = StreamSupport.stream(results.spliterator(), false)
                .sorted(Comparator.comparingInt(ShardResult::group))
                .toList();
        BinaryTree tree = new BinaryTree();
        ordered.forEach(result -> tree.add(result.gradient()));
        return new GradientSum(
                new ArrayList<>(ordered.stream()
                        .flatMap(result -> result.heads().stream())
                        .toList()),
                new ArrayList<>(ordered.stream().map(ShardResult::busy).toList()),
                new ArrayList<>(tree.sum()));
    }

    /** Executors add up, each some pieces of the whole, so that each sends and receives about one gradient, however many there are. */
    static GradientSum ofPieces(JavaRDD<ShardResult> results, int tasks) {
        List<GradientSum> pieces = results
                .flatMapToPair(result -> {
                    List<ShardResult> cut = result.pieces();
                    return IntStream.range(0, cut.size())
                            .mapToObj(place -> new Tuple2<>(place, cut.get(place)))
                            .iterator();
                })
                .groupByKey(new HashPartitioner(tasks))
                .mapToPair(piece -> new Tuple2<>(piece._1(), GradientSum.of(piece._2())))
                .collect()
                .stream()
                .sorted(Comparator.comparing(Tuple2::_1))
                .map(Tuple2::_2)
                .toList();
        return new GradientSum(
                pieces.get(0).heads,
                pieces.get(0).busy,
                pieces.stream().flatMap(piece -> piece.gradient.stream()).toList());
    }
}
