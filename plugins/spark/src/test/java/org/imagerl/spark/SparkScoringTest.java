package org.imagerl.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.imagerl.config.RegistryPartCodec;
import org.imagerl.images.ExifOrientation;
import org.imagerl.scoring.ImageFinder;
import org.imagerl.scoring.ScoreSummary;
import org.imagerl.scoring.ScoringCluster;
import org.imagerl.scoring.ScoringJob;
import org.imagerl.scoring.ScoringRun;
import org.imagerl.scoring.Tables;
import org.imagerl.scoring.reward.RewardArguments;
import org.imagerl.scoring.reward.WeightedRewards;
import org.imagerl.spi.Context;
import org.imagerl.spi.Progress;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The results of two executors of Spark are those of one process, wherever the images are. */
@ExtendWith(LocalCluster.class)
class SparkScoringTest {
    private static final int IMAGES = 70;
    private static final Progress QUIET = (stage, done, total, detail) -> {};

    @TempDir
    private static Path scratch;

    private static Path images;

    @BeforeAll
    static void makeImages() throws IOException {
        images = Files.createDirectories(scratch.resolve("images of mine"));
        for (int i = 0; i < IMAGES; i++) {
            BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);
            image.setRGB(0, 0, i << 16);
            ImageIO.write(image, "png", images.resolve(i + ".png").toFile());
            if (i % 3 > 0) {
                Files.writeString(images.resolve(i + ".txt"), "caption " + i % 3);
            }
        }
        Files.writeString(images.resolve("20.png"), "no image");
        Files.write(images.resolve("31.txt"), new byte[] {(byte) 0xe9});
    }

    private static Context context() {
        return RegistryPartCodec.context(
                LocalCluster.REGISTRY, Path.of("").toAbsolutePath(), "cpu", 1, LocalCluster.NOTICES::add);
    }

    private static ScoringJob here(String place) {
        return ScoringJob.here(
                place, new ImageFinder.Request(null, null, false), Tables.of(LocalCluster.REGISTRY, context()));
    }

    private static ScoringJob spark(String place, String reward) {
        ScoringCluster.Asked asked =
                new ScoringCluster.Asked(place, new ImageFinder.Request(null, null, false), List.of(reward), "cpu");
        return LocalCluster.cluster().open(asked, Tables.of(LocalCluster.REGISTRY, context()));
    }

    private static ScoreSummary score(ScoringJob opened, String reward, String out, Progress progress) {
        try (ScoringJob job = opened;
                WeightedRewards rewards = WeightedRewards.create(
                        List.of(RewardArguments.read(LocalCluster.REGISTRY, reward)), context())) {
            ScoringRun.Options options = new ScoringRun.Options(
                    1,
                    true,
                    false,
                    job.place(),
                    ExifOrientation.IGNORE,
                    job.found().pairing());
            return ScoringRun.run(
                    job.found().items(), rewards, options, scratch.resolve(out), progress, job.executor());
        }
    }

    private static String rows(String out) throws IOException {
        return Files.readString(scratch.resolve(out));
    }

    /** Everything but how long it took. */
    private static String plain(ScoreSummary summary) {
        return summary.json().replaceAll("\"milliseconds_per_image\" : [0-9.E-]+", "");
    }

    /** Stopped after some rows, a line cut as by a killed driver, gone on with, and an executor killed meanwhile. */
    @Test
    void theResultsAreThoseOfOneProcessAfterAKilledExecutorAndAResume() throws IOException {
        String reward = "{type: ending, images: 1, red: 33, flag: " + scratch.resolve("ended") + "}";
        Files.createFile(scratch.resolve("ended"));
        ScoreSummary expected = score(here(images.toString()), reward, "here.csv", QUIET);
        assertThat(expected.unreadable()).isEqualTo(1);
        int[] written = {0};
        ScoreSummary part = score(spark(images.toString(), reward), reward, "there.csv", new Progress() {
            @Override
            public void update(String stage, long done, long total, String detail) {
                written[0]++;
            }

            @Override
            public boolean stopped() {
                return written[0] > 7;
            }
        });
        assertThat(part.stopped()).isTrue();
        assertThat(rows("here.csv")).startsWith(rows("there.csv"));
        List<String> lines = Files.readAllLines(scratch.resolve("there.csv"));
        Files.writeString(scratch.resolve("there.csv"), String.join("\r\n", lines.subList(0, 6)) + "\r\n5.png,capt");
        Files.delete(scratch.resolve("ended"));
        int before = LocalCluster.NOTICES.size();
        ScoreSummary summary = score(spark(images.toString(), reward), reward, "there.csv", QUIET);
        assertThat(rows("there.csv")).isEqualTo(rows("here.csv"));
        assertThat(plain(summary)).isEqualTo(plain(expected));
        assertThat(scratch.resolve("there.header.json")).hasSameTextualContentAs(scratch.resolve("here.header.json"));
        assertThat(scratch.resolve("ended")).exists();
        LocalCluster.awaitNotice(before, "was lost");
    }

    @Test
    void imagesBehindAnAddressAreScoredGroupByGroup() throws IOException {
        String reward = "{type: jpeg-compressibility, rank: true}";
        score(here(images.toString()), reward, "groups-here.jsonl", QUIET);
        String address = images.toUri().toString();
        ScoreSummary summary = score(spark(address, reward), reward, "groups.jsonl", QUIET);
        assertThat(rows("groups.jsonl").replace(address.replaceFirst("/$", ""), images.toString()))
                .isEqualTo(rows("groups-here.jsonl"));
        assertThat(summary.promptSources()).containsEntry("text file beside it", 45);
        assertThat(scratch.resolve("groups.header.json")).content().contains("\"images\" : \"file:///");
        assertThatThrownBy(() -> spark(address + "none/", reward))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("none: cannot be read: ");
    }

    @Test
    void aTableMayHoldTheImagesThemselves() throws IOException {
        MessageType type =
                MessageTypeParser.parseMessageType("message rows {optional group image {optional binary bytes;"
                        + " optional binary path (STRING);} optional binary text (STRING); required int32 number;}");
        Path table = Files.createDirectories(scratch.resolve("table"));
        for (int part = 0; part < 2; part++) {
            try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(
                            new LocalOutputFile(table.resolve("part-0" + part + ".parquet")))
                    .withType(type)
                    .withConf(new Configuration(false))
                    .withRowGroupSize(1000L)
                    .withMinRowCountForPageSizeCheck(5)
                    .withMaxRowCountForPageSizeCheck(5)
                    .build()) {
                for (int i = 35 * part; i < 35 * (part + 1); i++) {
                    Group row =
                            new SimpleGroup(type).append("text", "caption " + i).append("number", i);
                    Group image = row.addGroup("image").append("path", i + ".png");
                    if (i != 40) {
                        image.append(
                                "bytes", Binary.fromConstantByteArray(Files.readAllBytes(images.resolve(i + ".png"))));
                    }
                    writer.write(row);
                }
            }
        }
        String reward = "jpeg-compressibility";
        ScoreSummary summary = score(spark(table.toString(), reward), reward, "table.csv", QUIET);
        assertThat(summary.images()).isEqualTo(IMAGES);
        List<String> rows = Files.readAllLines(scratch.resolve("table.csv"));
        score(here(images.toString()), reward, "files.csv", QUIET);
        List<String> files = Files.readAllLines(scratch.resolve("files.csv"));
        for (int i = 0; i < IMAGES; i++) {
            String[] expected = files.get(i + 1).split(",", -1);
            assertThat(rows.get(i + 1)).startsWith(i + ".png,caption " + i + "," + (i == 40 ? "," : expected[2] + ","));
        }
        assertThat(rows.get(21)).contains("part-00.parquet (row ").doesNotContain("imagerl-");
        assertThat(rows.get(41)).contains("part-01.parquet (row ");
    }

    @Test
    void aRewardThatRemembersIsRefused() {
        assertThatThrownBy(() -> score(spark(images.toString(), "counting"), "counting", "counting.csv", QUIET))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("counting remembers the images")
                .hasMessageContaining("without --spark");
    }
}
