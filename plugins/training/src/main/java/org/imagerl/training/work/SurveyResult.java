package org.imagerl.training.work;

import java.util.List;
import org.imagerl.spi.UpdateSurvey;

/**
 * The result of the objective's survey of an update.
 *
 * @param cost of computing it
 * @param pairs of all units together, in any order
 */
public record SurveyResult(WorkCost cost, List<UpdateSurvey.Pair> pairs) {}
