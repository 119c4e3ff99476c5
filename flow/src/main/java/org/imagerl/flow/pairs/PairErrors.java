package org.imagerl.flow.pairs;

/**
 * The matching errors of a pair at one time and noise: the loss of a pair is a function of them. A lower error stands
 * for a higher density.
 *
 * @param chosen e_w of the preferred image, under the live weights
 * @param rejected e_l of the other
 * @param referenceChosen e_w under the reference weights; 0 where the loss does not ask for it
 * @param referenceRejected e_l under the reference weights; 0 where the loss does not ask for it
 * @param averageChosen e_w under the EMA weights; 0 where the loss does not ask for it
 * @param averageRejected e_l under the EMA weights; 0 where the loss does not ask for it
 */
record PairErrors(
        double chosen,
        double rejected,
        double referenceChosen,
        double referenceRejected,
        double averageChosen,
        double averageRejected) {

    /** r_w: by how much the preferred image is more likely than under the reference weights. */
    double chosenGain() {
        return referenceChosen - chosen;
    }

    /** r_l: the same of the other image. */
    double rejectedGain() {
        return referenceRejected - rejected;
    }

    /** r_w - r_l: above 0 where the policy prefers the preferred image more than the reference weights do. */
    double margin() {
        return chosenGain() - rejectedGain();
    }
}
