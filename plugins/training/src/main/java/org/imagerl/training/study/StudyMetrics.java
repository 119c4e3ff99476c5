package org.imagerl.training.study;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.imagerl.config.Origin;
import org.imagerl.config.Problems;
import org.imagerl.spi.io.Nearest;
import org.imagerl.training.config.MetricNames;
import org.imagerl.training.config.RunConfig;

/** Which metrics a study's curves, tables and choices ask for, and whether any of its runs will have them. */
final class StudyMetrics {
    private StudyMetrics() {}

    /**
     * Refuses metrics that no run will have, before the first is trained.
     *
     * @param source of the study, for messages
     * @param runs a configuration of every arm
     * @throws org.imagerl.spi.UserException with all such metrics
     */
    static void check(StudyConfig study, String source, Collection<RunConfig> runs) {
        Problems problems = new Problems();
        wanted(study).forEach((where, metric) -> {
            if (runs.stream().noneMatch(run -> MetricNames.mayHave(run, metric))) {
                TreeSet<String> known = new TreeSet<>();
                runs.forEach(run -> known.addAll(MetricNames.known(run)));
                problems.add(
                        Origin.of(source),
                        where,
                        "no run of this study has this metric" + Nearest.hint(metric, known) + " (their metrics: "
                                + String.join(", ", known) + ")",
                        metric);
            }
        });
        problems.throwIfAny();
    }

    /** The metrics that are asked for, by the key that asks. */
    private static Map<String, String> wanted(StudyConfig study) {
        Map<String, String> wanted = new LinkedHashMap<>();
        StudyConfig.Tune tune = study.tune();
        if (tune != null) {
            wanted.put("tune.by", tune.by());
        }
        for (int i = 0; i < study.curves().size(); i++) {
            StudyConfig.Curve curve = study.curves().get(i);
            wanted.put("curves[" + i + "].y", curve.y());
            if (!curve.x().equals(Series.EPOCH)) {
                wanted.put("curves[" + i + "].x", curve.x());
            }
        }
        for (int i = 0; i < study.tables().size(); i++) {
            List<String> metrics = study.tables().get(i).asksFor();
            for (int k = 0; k < metrics.size(); k++) {
                wanted.put("tables[" + i + "], metric " + (k + 1), metrics.get(k));
            }
        }
        return wanted;
    }
}
