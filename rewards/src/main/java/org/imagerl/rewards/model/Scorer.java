package org.imagerl.rewards.model;

import ai.onnxruntime.OrtException;
import java.util.List;
import org.imagerl.spi.RgbImage;

/** Runs a model on images of one prompt. Thread-safe. */
interface Scorer {

    /**
     * Scores images.
     *
     * @param images at least one; no more than {@link #batch} if that is above 0
     * @param prompt of all; empty if the model looks at images alone
     * @return a number per image, before the formula
     * @throws OrtException if the model or the device fails
     */
    double[] score(List<RgbImage> images, String prompt) throws OrtException;

    /** Whether the prompt matters. */
    boolean readsPrompts();

    /** How many images a run takes, if that is fixed; else -1. */
    int batch();
}
