package org.imagerl.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.EngineException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import org.imagerl.cli.Run;
import org.imagerl.spi.UserException;
import org.junit.jupiter.api.Test;

class FailuresTest {
    private static final UsesMemory VERB = () -> List.of("--batch (now 4)");

    private static Run report(Throwable failure) {
        StringWriter err = new StringWriter();
        int code = Failures.report(failure, VERB, new PrintWriter(err));
        return new Run(code, "", err.toString());
    }

    @Test
    void aUserErrorIsItsMessageAndItsCode() {
        Run run = report(new UserException(UserException.Kind.ENVIRONMENT, "no GPU"));
        assertThat(run).isEqualTo(new Run(3, "", "imagerl: no GPU" + System.lineSeparator()));
    }

    @Test
    void aUserErrorInsideAnotherIsFound() {
        assertThat(report(new IllegalStateException(UserException.input("a key")))
                        .code())
                .isEqualTo(2);
    }

    @Test
    void theEnginesLackOfMemoryIsExitCode4WithWhatToLower() {
        Run run = report(new EngineException(
                "[enforce fail at alloc_cpu.cpp:117] . DefaultCPUAllocator: can't allocate memory: you tried to"
                        + " allocate 4194304 bytes. Error code 12\n"
                        + "frame #0: c10::Error"));
        assertThat(run.code()).isEqualTo(4);
        assertThat(run.err())
                .contains("memory ran out")
                .contains("--batch (now 4)")
                .doesNotContain("frame #0");
    }

    @Test
    void theHeapsLackOfMemoryNamesTheSettingOfTheHeap() {
        Run run = report(new OutOfMemoryError("Java heap space"));
        assertThat(run.code()).isEqualTo(4);
        assertThat(run.err()).contains("IMAGERL_JAVA_OPTS");
    }

    @Test
    void aLibraryThatDjlWouldDownloadIsExitCode3() {
        Run run = report(new EngineException("Failed to save index", new IOException("Offline mode is enabled.")));
        assertThat(run.code()).isEqualTo(3);
        assertThat(run.err()).contains("imagerl doctor says which").doesNotContain("should not have happened");
    }

    @Test
    void aFullDiskIsExitCode4() {
        Run run = report(new UncheckedIOException(new IOException("No space left on device")));
        assertThat(run.code()).isEqualTo(4);
        assertThat(run.err()).contains("disk is full");
    }

    @Test
    void aMissingLibraryIsExitCode3() {
        Run run = report(new UnsatisfiedLinkError("libc10.so"));
        assertThat(run.code()).isEqualTo(3);
        assertThat(run.err()).contains("libc10.so").contains("imagerl doctor");
    }

    @Test
    void aMistakeOfOursIsExitCode1WithWhatToReport() {
        Run run = report(new IllegalStateException("cannot be"));
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .contains("please report")
                .contains("IllegalStateException: cannot be")
                .contains("\tat ");
    }

    @Test
    void anEngineErrorThatIsNoLackOfMemoryIsAMistakeOfOurs() {
        assertThat(report(new EngineException("mat1 and mat2 shapes cannot be multiplied"))
                        .code())
                .isEqualTo(1);
    }
}
