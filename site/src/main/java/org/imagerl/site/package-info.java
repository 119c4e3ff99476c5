/** Makes a site of the documents: {@link org.imagerl.site.Site} reads the Markdown files that the README leads to and writes HTML files. */
@NullMarked
package org.imagerl.site;

import org.jspecify.annotations.NullMarked;
