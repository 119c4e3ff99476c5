/**
 * Exported ONNX models as rewards, without code: a folder is resolved ({@link org.imagerl.rewards.model.ModelPlan}) from its files, its
 * manifest and a preset ({@link org.imagerl.rewards.model.Presets}), and run ({@link org.imagerl.rewards.model.ModelReward}).
 */
@NullMarked
package org.imagerl.rewards.model;

import org.jspecify.annotations.NullMarked;
