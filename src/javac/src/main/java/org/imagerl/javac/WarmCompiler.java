package org.imagerl.javac;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.charset.Charset;
import java.util.Locale;
import java.util.Set;
import javax.inject.Named;
import javax.lang.model.SourceVersion;
import javax.tools.DiagnosticListener;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import org.codehaus.plexus.compiler.javac.JavaxToolsCompiler;

/**
 * Maven's compiler with {@link WarmFileManager}s: plugins of javac are loaded once in a build. javac itself loads them anew in each of forty compilations,
 * and Java then compiles their code anew, which takes as long as the checks.
 */
@Named("default")
public final class WarmCompiler extends JavaxToolsCompiler {
    @Override
    protected JavaCompiler newJavaCompiler() {
        return new Warm(super.newJavaCompiler());
    }

    private static final class Warm implements JavaCompiler {
        private final JavaCompiler compiler;

        Warm(JavaCompiler compiler) {
            this.compiler = compiler;
        }

        @Override
        public StandardJavaFileManager getStandardFileManager(
                DiagnosticListener<? super JavaFileObject> listener, Locale locale, Charset charset) {
            return new WarmFileManager(compiler.getStandardFileManager(listener, locale, charset));
        }

        @Override
        public CompilationTask getTask(
                Writer out,
                JavaFileManager files,
                DiagnosticListener<? super JavaFileObject> listener,
                Iterable<String> options,
                Iterable<String> classes,
                Iterable<? extends JavaFileObject> units) {
            return compiler.getTask(out, files, listener, options, classes, units);
        }

        @Override
        public int run(InputStream in, OutputStream out, OutputStream err, String... arguments) {
            return compiler.run(in, out, err, arguments);
        }

        @Override
        public Set<SourceVersion> getSourceVersions() {
            return compiler.getSourceVersions();
        }

        @Override
        public int isSupportedOption(String option) {
            return compiler.isSupportedOption(option);
        }
    }
}
