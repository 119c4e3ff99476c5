@echo off
rem Starts imagerl on Windows. Options for Java go into IMAGERL_JAVA_OPTS, for instance: set IMAGERL_JAVA_OPTS=-Xmx4g
setlocal EnableExtensions DisableDelayedExpansion
set "IMAGERL_BIN=%~dp0"
for %%I in ("%IMAGERL_BIN%..") do set "IMAGERL_DIST=%%~fI"

if defined JAVA_HOME (
    set "IMAGERL_JAVA=%JAVA_HOME%\bin\java.exe"
) else (
    set "IMAGERL_JAVA=java.exe"
)
"%IMAGERL_JAVA%" -version >nul 2>&1
if errorlevel 1 (
    echo imagerl: there is no Java at "%IMAGERL_JAVA%"; install Java 17 or newer, or set JAVA_HOME to it 1>&2
    exit /b 3
)

rem OpenMP threads that spin while they wait starve each other where other work shares the cores.
if not defined OMP_WAIT_POLICY set "OMP_WAIT_POLICY=PASSIVE"
rem The tokenizers library would look for CUDA otherwise.
if not defined RUST_FLAVOR set "RUST_FLAVOR=cpu"
rem The ONNX Runtime that is shipped has no telemetry; another one may.
set "ORT_DISABLE_TELEMETRY=1"

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

"%IMAGERL_JAVA%" -Xms64m -Xmx2g -Xshare:auto -Djava.awt.headless=true ^
    -Dfile.encoding=UTF-8 -Dsun.stdout.encoding=UTF-8 -Dsun.stderr.encoding=UTF-8 ^
    -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8 -Dai.djl.offline=true -DOPT_OUT_TRACKING=true ^
    "-Dimagerl.home=%IMAGERL_DIST%" %IMAGERL_JAVA_OPTS% ^
    -cp "%IMAGERL_DIST%\lib\*" org.imagerl.cli.Main %*
exit /b %ERRORLEVEL%
