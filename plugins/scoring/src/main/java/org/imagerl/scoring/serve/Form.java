package org.imagerl.scoring.serve;

import java.io.InputStream;
import org.imagerl.scoring.http.Refusal;
import org.imagerl.scoring.reward.RewardTable;

/** The format of requests and answers. Access and limits are the same for all formats. */
interface Form {
    /** The path that is asked for, as {@code /compute} or {@code /compute/NAME}, or unchanged. */
    String path(String asked);

    /** Refuses requests whose media type is none of this form; the type is in lower case, empty if none is given. */
    void requireType(String type) throws Refusal;

    /**
     * Reads a request.
     *
     * @param bytes how many it has
     * @param memory for the pixels
     * @throws Refusal if it is none
     */
    Question read(InputStream body, long bytes, ServerLimits limits, MemoryBudget.Share memory) throws Refusal;

    /**
     * The answer to a request.
     *
     * @throws Refusal if the form cannot say that an image has no score, and one has none
     */
    Body scores(RewardTable table) throws Refusal;

    /** The answer to a request that is refused. */
    Body error(String reason);
}
