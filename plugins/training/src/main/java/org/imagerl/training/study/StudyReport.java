package org.imagerl.training.study;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imagerl.spi.io.AtomicFile;
import org.imagerl.training.report.Chart;

/** {@code report.md} and {@code curves.png} of a study, of as many runs as are finished. */
final class StudyReport {
    private final Path folder;
    private final String command;

    StudyReport(Path folder, String command) {
        this.folder = folder;
        this.command = command;
    }

    /**
     * Makes sure that charts and tables name arms of the study.
     *
     * @throws org.imagerl.spi.UserException if one does not
     */
    static void check(StudyConfig study) {
        study.curves().forEach(curve -> study.arms(curve.arms()));
        Outcomes none = new Outcomes(study, Map.of(), Map.of(), Map.of());
        study.tables().forEach(table -> table.markdown(none));
    }

    Path write(Outcomes outcomes) {
        List<Chart> charts = outcomes.study().curves().stream()
                .map(curve -> chart(curve, outcomes))
                .filter(chart -> !chart.lines().isEmpty())
                .toList();
        StringBuilder text = new StringBuilder();
        text.append("# ")
                .append(outcomes.study().question())
                .append("\n\n    ")
                .append(command)
                .append("\n\n");
        text.append(progress(outcomes)).append("\n\n");
        if (!charts.isEmpty()) {
            Chart.write(folder.resolve("curves.png"), charts);
            text.append("![curves](curves.png)\n\n");
        }
        outcomes.study()
                .tables()
                .forEach(table -> text.append(table.markdown(outcomes)).append('\n'));
        text.append(tuning(outcomes));
        text.append(images(outcomes));
        Path file = folder.resolve("report.md");
        AtomicFile.writeText(file, text.toString());
        return file;
    }

    private static String progress(Outcomes outcomes) {
        StudyConfig study = outcomes.study();
        int finished = outcomes.finished().values().stream().mapToInt(Map::size).sum();
        int wanted = study.arms().size() * study.seeds().size();
        return "Means over the seeds " + study.seeds() + " with their standard errors"
                + (finished == wanted ? "." : "; so far " + finished + " of " + wanted + " runs.")
                + "\nThe metrics and settings of every run are in `raw/`.";
    }

    /** The values that every arm has tried, and the one that it has taken. */
    private static String tuning(Outcomes outcomes) {
        StudyConfig.Tune tune = outcomes.study().tune();
        if (tune == null) {
            return "";
        }
        List<String> header = new ArrayList<>(List.of("arm"));
        tune.values().forEach(value -> header.add(Study.plain(value)));
        header.add("taken");
        Markdown rows = new Markdown(header);
        outcomes.tried().forEach((arm, values) -> {
            List<String> cells = new ArrayList<>(List.of(arm));
            tune.values().forEach(value -> cells.add(Estimate.number(values.getOrDefault(value, Double.NaN))));
            Double taken = outcomes.chosen().get(arm);
            cells.add(taken == null ? "-" : Study.plain(taken));
            rows.add(cells);
        });
        return "Every arm chose `" + tune.key() + "` by the last `" + tune.by() + "` of one run per value\nwith seed "
                + outcomes.study().seeds().get(0)
                + (tune.apart()
                        ? ", with `" + String.join("`, `", tune.set()) + "`"
                        : ", which is also the first of its runs")
                + ":\n\n" + rows;
    }

    /** The sample grids that were kept: before training, and the last of every arm with the first seed. */
    private String images(Outcomes outcomes) {
        StringBuilder text = new StringBuilder();
        addImage("before training", RawRuns.BEFORE, text);
        long seed = outcomes.study().seeds().get(0);
        for (StudyConfig.Arm arm : outcomes.study().arms()) {
            if (outcomes.runs(arm.name()).containsKey(seed)) {
                addImage(arm.name(), Study.name(arm, outcomes.chosen().get(arm.name()), seed), text);
            }
        }
        return text.isEmpty()
                ? ""
                : "\n## Images\n\nSample grids: before training, and at the end of the runs with seed " + seed + ".\n"
                        + text;
    }

    private void addImage(String title, String name, StringBuilder text) {
        String file = "raw/" + name + ".png";
        if (Files.exists(folder.resolve(file))) {
            text.append("\n### ")
                    .append(title)
                    .append("\n\n![")
                    .append(title)
                    .append("](")
                    .append(file)
                    .append(")\n");
        }
    }

    private static Chart chart(StudyConfig.Curve curve, Outcomes outcomes) {
        List<Chart.Line> lines = new ArrayList<>();
        for (StudyConfig.Arm arm : outcomes.study().arms(curve.arms())) {
            List<Chart.Point> points = points(outcomes.runs(arm.name()).values().stream()
                    .map(rows -> Series.of(rows, curve.x(), curve.y()))
                    .toList());
            if (!points.isEmpty()) {
                lines.add(new Chart.Line(arm.name(), points));
            }
        }
        return new Chart(curve.title(), curve.x(), lines);
    }

    /** The first measurement of all seeds, the second of all, and so on. */
    private static List<Chart.Point> points(List<Series> seeds) {
        int length = seeds.stream().mapToInt(Series::size).min().orElse(0);
        List<Chart.Point> points = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            int at = i;
            Estimate y =
                    Estimate.of(seeds.stream().mapToDouble(one -> one.y()[at]).toArray());
            Estimate x =
                    Estimate.of(seeds.stream().mapToDouble(one -> one.x()[at]).toArray());
            points.add(new Chart.Point(x.mean(), y.mean(), Double.isNaN(y.error()) ? 0 : y.error()));
        }
        return points;
    }
}
