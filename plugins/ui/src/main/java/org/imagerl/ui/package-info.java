/**
 * A page over runs, studies and scores: {@link org.imagerl.ui.PageServer} serves it on this machine while runs train, {@link
 * org.imagerl.ui.Report} writes it as one file. What it shows are files of strangers: read in bounds, never followed out of their
 * folder, sent as JSON, and put into the page as text alone.
 */
@NullMarked
package org.imagerl.ui;

import org.jspecify.annotations.NullMarked;
