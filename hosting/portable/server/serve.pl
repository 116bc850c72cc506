# Serves the folder app/ to the browser of this computer, and to nobody else. Perl 5.10 or newer with modules that the smallest Perl has.
#
# It listens on 127.0.0.1 only, answers GET and HEAD for the files that were there when it started, and writes nothing.
# headers.txt and types.txt beside it say what it sends; serve.py and serve.ps1 do the same.
use strict;
use warnings;
use File::Basename qw(dirname);
use File::Spec;
use IO::Socket::INET;

use constant PORTS_TRIED => 10;
use constant QUIET_SECONDS => 60;       # without a request, after which a connection ends
use constant LONGEST_REQUEST => 65536;  # bytes of its lines

my ($first, $opener) = @ARGV;
my $here = dirname(File::Spec->rel2abs(__FILE__));
my $app = File::Spec->catdir(dirname($here), 'app');
-f "$app/index.html" or die "The folder app is missing beside the folder server. Unpack the whole zip first.\n";

my @headers = map { "$_->[0]: $_->[1]\r\n" } read_table('headers.txt');
my %types = map { @$_ } read_table('types.txt');
my %cache = map { @$_ } read_table('cache.txt');

# Path of a file on the disk by its address. What is not in here is not served, so no address leads out of app/.
my %files;
list_files('');

$| = 1;
my $server = listen_on($first);
my $port = $server->sockport;
my $url = "http://127.0.0.1:$port/";
print "Organscope is running: $url\nTo stop it, press Ctrl+C or close this window.\n";
$SIG{CHLD} = 'IGNORE';
$SIG{PIPE} = 'IGNORE';
$SIG{INT} = sub { print "Stopped.\n"; exit 0 };

if ($opener) {
    my $child = fork;
    if (defined $child && $child == 0) {
        open STDOUT, '>', File::Spec->devnull;
        open STDERR, '>', File::Spec->devnull;
        exec { $opener } $opener, $url;
        exit 1;
    }
}

# One process for each connection.
while (1) {
    my $connection = $server->accept or next;
    my $child = fork;
    if (defined $child && $child == 0) {
        $SIG{INT} = 'DEFAULT';
        close $server;
        serve($connection);
        exit 0;
    }
    close $connection;
}

# Lines "key: value" of a file beside this one, as pairs.
sub read_table {
    my ($name) = @_;
    open my $file, '<', "$here/$name" or die "$name: $!\n";
    my @lines = map { s/[\r\n]+$//r } <$file>;
    return map { [ split /: /, $_, 2 ] } grep { /: / } @lines;
}

# Adds the files of a folder below app/ and of those in it.
sub list_files {
    my ($folder) = @_;
    opendir my $entries, "$app$folder" or die "$app$folder: $!\n";
    for my $name (grep { !/^\.\.?$/ } readdir $entries) {
        my $address = "$folder/$name";
        if (-d "$app$address") { list_files($address) }
        else { $files{$address} = "$app$address" }
    }
}

# On the first free port: a fixed one where possible, since the browser keeps models by address and port.
sub listen_on {
    my ($first) = @_;
    for my $port ($first .. $first + PORTS_TRIED - 1) {
        my $server = IO::Socket::INET->new(
            LocalAddr => '127.0.0.1', LocalPort => $port, Proto => 'tcp', Listen => 128, ReuseAddr => 1);
        return $server if $server;
        print "Port $port is taken ($!). Perhaps Organscope runs already: look for its window.\n";
    }
    die "No free port from $first to " . ($first + PORTS_TRIED - 1) . ".\n";
}

# Answers the requests of one connection, one after another.
sub serve {
    my ($connection) = @_;
    binmode $connection;
    $SIG{ALRM} = sub { exit 0 };
    while (1) {
        alarm QUIET_SECONDS;
        my ($method, $address, $host, $close) = read_request($connection) or return;
        alarm 0;
        # Methods that may have a body end the connection.
        return answer_text($connection, $method, 405, 'Method Not Allowed', 1) if $method !~ /^(GET|HEAD)$/;
        $address =~ s/\?.*//s;
        $address =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
        $address = '/index.html' if $address eq '/';
        # Another name here is another site that has led its own name to this computer (DNS rebinding).
        if ($host ne "127.0.0.1:$port" && $host ne "localhost:$port") {
            answer_text($connection, $method, 403, 'Forbidden', $close) or return;
        } elsif (my $path = $files{$address}) {
            answer_file($connection, $method, $address, $path, $close) or return;
        } else {
            answer_text($connection, $method, 404, 'Not Found', $close) or return;
        }
        return if $close;
    }
}

# Method, address, host and whether the connection ends after it; nothing where the browser has gone.
sub read_request {
    my ($connection) = @_;
    my $text = '';
    while ($text !~ /\r?\n\r?\n/) {
        return if length $text > LONGEST_REQUEST;
        sysread($connection, $text, 4096, length $text) or return;
    }
    my ($method, $address, $version) = $text =~ m{^([A-Z]+) (/\S*) HTTP/(1\.[01])\r?\n} or return;
    my ($host) = $text =~ /^Host:[ \t]*(\S*)/mi;
    my $close = $version eq '1.0' || $text =~ /^Connection:[ \t]*close/mi;
    # Requests for this server have no body; one that has would be read as the next request.
    $close = 1 if $text =~ /^(Content-Length|Transfer-Encoding):/mi;
    return ($method, $address, defined $host ? $host : '', $close);
}

sub start_answer {
    my ($status, $type, $length, $cache, $close) = @_;
    return join '', "HTTP/1.1 $status\r\n", @headers, "Content-Type: $type\r\nContent-Length: $length\r\n",
        "Cache-Control: $cache\r\n", $close ? "Connection: close\r\n" : '', "\r\n";
}

sub answer_text {
    my ($connection, $method, $code, $text, $close) = @_;
    my $start = start_answer("$code $text", 'text/plain', length($text) + 1, $cache{others}, $close);
    return write_all($connection, $method eq 'HEAD' ? $start : "$start$text\n");
}

sub answer_file {
    my ($connection, $method, $address, $path, $close) = @_;
    open my $file, '<:raw', $path or return answer_text($connection, $method, 404, 'Not Found', $close);
    my ($end) = $address =~ /\.([^.]+)$/;
    my $type = $types{ defined $end ? $end : '*' } || $types{'*'};
    my $kept = $address =~ /$cache{pattern}/ ? 'hashed' : 'others';
    write_all($connection, start_answer('200 OK', $type, -s $file, $cache{$kept}, $close)) or return 0;
    return 1 if $method eq 'HEAD';
    while (sysread $file, my $piece, 65536) {
        write_all($connection, $piece) or return 0;
    }
    return 1;
}

# Whether all of it was taken.
sub write_all {
    my ($connection, $bytes) = @_;
    my $done = 0;
    while ($done < length $bytes) {
        my $written = syswrite $connection, $bytes, length($bytes) - $done, $done;
        return 0 unless $written;
        $done += $written;
    }
    return 1;
}
