package org.imagerl.cli.console;

import java.util.Map;
import org.imagerl.spi.UserException;

/** Whether Java reads file names and arguments in UTF-8: it asks the C library once, when the process starts. */
public final class SystemLocale {
    private SystemLocale() {}

    /**
     * Refuses to run where names beyond ASCII would be lost: prompts would hold U+FFFD, and files could not be opened.
     *
     * @param os of the machine; Windows hands names over in its own way
     * @param charset that Java uses for names, {@code sun.jnu.encoding}
     * @param environment of the process
     * @throws UserException naming the variable that chose the locale
     */
    public static void check(String os, String charset, Map<String, String> environment) {
        boolean utf8 = charset.equalsIgnoreCase("UTF-8") || charset.equalsIgnoreCase("UTF8");
        if (utf8 || os.startsWith("Windows")) {
            return;
        }
        String named = "no locale is set";
        for (String variable : new String[] {"LANG", "LC_CTYPE", "LC_ALL"}) {
            String value = environment.get(variable);
            if (value != null && !value.isEmpty()) {
                named = "the locale " + value + " (" + variable + ") is not installed or has another character set";
            }
        }
        throw new UserException(
                UserException.Kind.ENVIRONMENT,
                named + ": names are read as " + charset
                        + ", so that prompts and file names beyond ASCII would be lost;"
                        + " start with LC_ALL=C.UTF-8 (locale -a lists what is installed)");
    }
}
