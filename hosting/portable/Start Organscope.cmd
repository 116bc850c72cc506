@echo off
rem Starts Organscope on Windows with a double click: runs server\serve.ps1, which serves the folder app to this computer only.
setlocal EnableExtensions DisableDelayedExpansion
title Organscope

if not exist "%~dp0server\serve.ps1" goto packed
if not exist "%~dp0app\index.html" goto packed

rem With its whole path, so that no other program of that name is started. Bypass is for this one script alone.
"%SystemRoot%\System32\WindowsPowerShell\v1.0\powershell.exe" -NoLogo -NoProfile -ExecutionPolicy Bypass -File "%~dp0server\serve.ps1" %*
if errorlevel 1 goto failed
exit /b 0

:packed
echo Unpack the whole zip first: right click on it, "Extract all...". Then start this file in the new folder.
pause
exit /b 1

:failed
echo.
echo Organscope could not be started. README.txt says what to do, under "If it does not start".
pause
exit /b 1
