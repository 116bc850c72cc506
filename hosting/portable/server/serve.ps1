# Serves the folder app\ to the browser of this computer, and to nobody else. Windows PowerShell 5.1 or newer, no installation,
# no administrator: Windows lets everybody listen on http://localhost:PORT/.
#
# It answers GET and HEAD, to this computer only, for the files that were there when it started, and writes nothing.
# headers.txt and types.txt beside it say what it sends; serve.py and serve.pl do the same.
param(
    [int]$Port = 17480,
    [switch]$NoBrowser
)
$ErrorActionPreference = 'Stop'
$portsTried = 10
$connectionsAtOnce = 8

# AppLocker and Windows Defender Application Control let scripts that they do not know use only a part of PowerShell.
if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
    Write-Host 'This computer restricts PowerShell, so Organscope cannot serve its page from here.'
    Write-Host 'Ask the IT department for the rule that README.txt names, or for a server in the house.'
    exit 3
}

# Lines "key: value" of a file beside this one.
function Read-Table([string]$name) {
    $table = New-Object 'System.Collections.Generic.Dictionary[string,string]'
    foreach ($line in [IO.File]::ReadAllLines((Join-Path $PSScriptRoot $name))) {
        $at = $line.IndexOf(': ')
        if ($at -gt 0) { $table[$line.Substring(0, $at)] = $line.Substring($at + 2) }
    }
    # The comma keeps PowerShell from unrolling it.
    return , $table
}

$app = Join-Path (Split-Path -Parent $PSScriptRoot) 'app'
if (-not (Test-Path -LiteralPath (Join-Path $app 'index.html') -PathType Leaf)) {
    Write-Host 'The folder app is missing beside the folder server. Unpack the whole zip first.'
    exit 1
}

# Path of a file on the disk by its address. What is not in here is not served, so no address leads out of app\.
$files = New-Object 'System.Collections.Generic.Dictionary[string,string]'
$folderLength = (Get-Item -LiteralPath $app).FullName.Length
foreach ($file in Get-ChildItem -LiteralPath $app -Recurse -File -Force) {
    $files[$file.FullName.Substring($folderLength).Replace('\', '/')] = $file.FullName
}
$tables = @{
    Files   = $files
    Headers = Read-Table 'headers.txt'
    Types   = Read-Table 'types.txt'
    Cache   = Read-Table 'cache.txt'
}

# On the first free port: a fixed one where possible, since the browser keeps models by address and port.
$listener = $null
foreach ($candidate in $Port..($Port + $portsTried - 1)) {
    $listener = New-Object System.Net.HttpListener
    $listener.Prefixes.Add("http://localhost:$candidate/")
    # A browser that ends a download early is no error.
    $listener.IgnoreWriteExceptions = $true
    try {
        $listener.Start()
        break
    } catch {
        # One that could not start cannot be used again.
        Write-Host "Port $candidate is taken ($($_.Exception.GetBaseException().Message)). Perhaps Organscope runs already: look for its window."
        $listener = $null
    }
}
if ($null -eq $listener) {
    Write-Host "No free port from $Port to $($Port + $portsTried - 1)."
    exit 1
}

# Runs in each of the threads below: takes one request after another until the listener is stopped.
$answerRequests = {
    param($listener, $tables, $port)

    function Send-Start($response, [int]$status, [string]$type, [long]$length, [string]$cache) {
        $response.StatusCode = $status
        foreach ($header in $tables.Headers.GetEnumerator()) { $response.Headers.Set($header.Key, $header.Value) }
        $response.Headers.Set('Cache-Control', $cache)
        $response.ContentType = $type
        $response.ContentLength64 = $length
    }

    function Send-Text($request, $response, [int]$status, [string]$text) {
        $bytes = [Text.Encoding]::ASCII.GetBytes("$text`n")
        Send-Start $response $status 'text/plain' $bytes.Length $tables.Cache['others']
        if ($request.HttpMethod -ne 'HEAD') { $response.OutputStream.Write($bytes, 0, $bytes.Length) }
    }

    function Send-Answer($request, $response) {
        # Another name here is another site that has led its own name to this computer (DNS rebinding).
        $own = $request.UserHostName -ceq "localhost:$port" -and [Net.IPAddress]::IsLoopback($request.RemoteEndPoint.Address)
        if (-not $own) { return Send-Text $request $response 403 'This server answers to this computer only.' }
        if ($request.HttpMethod -cne 'GET' -and $request.HttpMethod -cne 'HEAD') {
            return Send-Text $request $response 405 'Method Not Allowed'
        }
        $address = [Uri]::UnescapeDataString($request.Url.AbsolutePath)
        if ($address -ceq '/') { $address = '/index.html' }
        $path = $null
        if (-not $tables.Files.TryGetValue($address, [ref]$path)) { return Send-Text $request $response 404 'Not Found' }

        $type = $tables.Types['*']
        $ending = $address.Substring($address.LastIndexOf('.') + 1)
        if ($tables.Types.ContainsKey($ending)) { $type = $tables.Types[$ending] }
        $cache = $tables.Cache['others']
        if ($address -cmatch $tables.Cache['pattern']) { $cache = $tables.Cache['hashed'] }
        $stream = [IO.File]::OpenRead($path)
        try {
            Send-Start $response 200 $type $stream.Length $cache
            if ($request.HttpMethod -ceq 'GET') { $stream.CopyTo($response.OutputStream, 65536) }
        } finally {
            $stream.Dispose()
        }
    }

    while ($listener.IsListening) {
        try { $context = $listener.GetContext() } catch { continue }
        try {
            Send-Answer $context.Request $context.Response
            $context.Response.Close()
        } catch {
            # A file that cannot be read, or a browser that has gone: the connection ends, so that no half file looks whole.
            try { $context.Response.Abort() } catch { }
        }
    }
}

$threads = [RunspaceFactory]::CreateRunspacePool($connectionsAtOnce, $connectionsAtOnce)
$threads.Open()
foreach ($number in 1..$connectionsAtOnce) {
    $thread = [PowerShell]::Create()
    $thread.RunspacePool = $threads
    $null = $thread.AddScript($answerRequests.ToString()).AddArgument($listener).AddArgument($tables).AddArgument($candidate)
    $null = $thread.BeginInvoke()
}

$url = "http://localhost:$candidate/"
Write-Host "Organscope is running: $url"
Write-Host 'To stop it, press Ctrl+C or close this window.'
if (-not $NoBrowser) {
    try { Start-Process $url } catch { Write-Host 'Open this address in Edge or Chrome.' }
}
try {
    while ($listener.IsListening) { Start-Sleep -Seconds 1 }
} finally {
    $listener.Close()
}
