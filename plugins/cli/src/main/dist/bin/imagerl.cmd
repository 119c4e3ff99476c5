@echo off
rem Starts imagerl on Windows. Options for Java go into IMAGERL_JAVA_OPTS, for instance: set IMAGERL_JAVA_OPTS=-Xmx4g
setlocal EnableExtensions DisableDelayedExpansion
set "IMAGERL_BIN=%~dp0"
for %%I in ("%IMAGERL_BIN%..") do set "IMAGERL_DIST=%%~fI"

if defined JAVA_HOME if not exist "%JAVA_HOME%\bin\java.exe" (
    echo imagerl: JAVA_HOME is "%JAVA_HOME%", which has no bin\java.exe; correct or unset it 1>&2
    exit /b 3
)
rem Java is called by its name alone: "for /f" takes quotation marks off a path. This PATH is the script's own.
if defined JAVA_HOME set "PATH=%JAVA_HOME%\bin;%PATH%"
set "IMAGERL_JAVA="
for /f "tokens=2,3" %%A in ('java -version 2^>^&1') do if "%%A"=="version" set "IMAGERL_JAVA=%%~B"
if not defined IMAGERL_JAVA (
    echo imagerl: there is no java on the PATH; install Java 17 or newer, or set JAVA_HOME to it 1>&2
    exit /b 3
)
for /f "delims=.-+" %%V in ("%IMAGERL_JAVA%") do if %%V LSS 17 (
    echo imagerl: the java on the PATH or in JAVA_HOME is Java %IMAGERL_JAVA%; install Java 17 or newer, or set JAVA_HOME to it 1>&2
    exit /b 3
)

rem OpenMP threads that spin while they wait starve each other where other work shares the cores.
if not defined OMP_WAIT_POLICY set "OMP_WAIT_POLICY=PASSIVE"
rem The tokenizers library would look for CUDA otherwise.
if not defined RUST_FLAVOR set "RUST_FLAVOR=cpu"
rem The ONNX Runtime that is shipped has no telemetry; another one may.
set "ORT_DISABLE_TELEMETRY=1"

if defined IMAGERL_TORCH (
    echo imagerl: IMAGERL_TORCH is for Linux and macOS alone; unset it, as PyTorch would not be taken from there 1>&2
    exit /b 3
)

rem Of float32, tensor cores keep 10 bits of a factor unless they are forbidden to (TF32).
if not defined IMAGERL_PRECISION set "IMAGERL_PRECISION=highest"
if "%IMAGERL_PRECISION%"=="highest" (
    set "NVIDIA_TF32_OVERRIDE=0"
) else if "%IMAGERL_PRECISION%"=="high" (
    set "NVIDIA_TF32_OVERRIDE="
    set "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE=1"
) else (
    echo imagerl: IMAGERL_PRECISION must be highest or high, not %IMAGERL_PRECISION% 1>&2
    exit /b 3
)

java -Xms64m -Xmx2g -Xshare:auto -Djava.awt.headless=true ^
    -Dfile.encoding=UTF-8 -Dsun.stdout.encoding=UTF-8 -Dsun.stderr.encoding=UTF-8 ^
    -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8 -Dai.djl.offline=true -DOPT_OUT_TRACKING=true ^
    "-Dimagerl.home=%IMAGERL_DIST%" %IMAGERL_JAVA_OPTS% ^
    -cp "%IMAGERL_DIST%\lib\*" org.imagerl.cli.Main %*
exit /b %ERRORLEVEL%
