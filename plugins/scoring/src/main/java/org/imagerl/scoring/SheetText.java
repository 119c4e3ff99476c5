package org.imagerl.scoring;

/**
 * Texts in tables that people open with a spreadsheet, which takes what begins with {@code =}, {@code +}, {@code -} or {@code @} for a
 * formula and runs it: as OWASP's page "CSV Injection" advises, an apostrophe stands before such a text. Texts that begin with apostrophes
 * and then such a character get one more, so that reading takes back exactly what writing added.
 */
public final class SheetText {
    /** Also tab and line breaks, which spreadsheets skip, and the full-width forms that some take for the others. */
    private static final String FORMULA = "(?s)'*[=+\\-@\\t\\r\\n\uFF1D\uFF0B\uFF0D\uFF20].*";

    private SheetText() {}

    /** As it stands in a table. */
    public static String guarded(String text) {
        return text.matches(FORMULA) ? "'" + text : text;
    }

    /** The text from which {@link #guarded} was made. */
    public static String plain(String cell) {
        return cell.startsWith("'") && cell.matches(FORMULA) ? cell.substring(1) : cell;
    }
}
