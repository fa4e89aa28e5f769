#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# perl: processes, signals, files, sockets, IPC.

cat >test.pl <<'EOF'
use strict;
use warnings;
use Fcntl qw(:flock :seek);
use File::Find;
use File::Temp qw(tempfile);
use IO::Socket::INET;
use IPC::Open3;
use POSIX qw(:sys_wait_h mkfifo);
use Socket;
use Time::HiRes qw(alarm sleep time);
use Digest::SHA qw(sha256_hex);

$| = 1;
my @kids = map { my $n = $_; my $pid = fork // die; exit $n if !$pid; $pid } 1 .. 5;
my @codes = map { waitpid($_, 0); $? >> 8 } @kids;
print "children: @codes\n";

my $pid = open3(my $in, my $out, undef, 'tr', 'a-z', 'A-Z');
print $in "through open3\n";
close $in;
print <$out>;
waitpid $pid, 0;

my $kid = open(my $pipe, '-|') // die;
if (!$kid) { print "line $_\n" for 1 .. 9; exit }
print scalar(() = <$pipe>), " lines from a forked open\n";
close $pipe;

eval { local $SIG{ALRM} = sub { die "alarm\n" }; alarm 0.1; sleep 5; };
print "interrupted by $@";
my @got;
local @SIG{qw(USR1 USR2)} = (sub { push @got, shift }) x 2;
kill $_, $$ for qw(USR1 USR2);
print "signals: @got\n";
system('sh', '-c', 'kill -9 $$');
print 'killed by ', $? & 127, "\n";

my ($fh, $name) = tempfile(DIR => '.');
print $fh 'x' x 100000;
seek $fh, 50, SEEK_SET;
truncate $fh, 60;
close $fh;
print "size ", -s $name, "\n";
open my $one, '<', $name or die;
open my $two, '<', $name or die;
flock $one, LOCK_EX or die;
print 'second lock: ', (flock($two, LOCK_EX | LOCK_NB) ? 'got' : 'refused'), "\n";
utime 1, 2, $name;
print join(' ', (stat $name)[2, 3, 7, 8, 9]), "\n";

mkfifo('fifo', 0600) or die;
if (!fork) { open my $f, '>', 'fifo'; print $f "fifo\n"; exit }
open my $fifo, '<', 'fifo';
print <$fifo>;
wait;

socketpair(my $x, my $y, AF_UNIX, SOCK_STREAM, PF_UNSPEC) or die;
if (!fork) { close $x; my $line = <$y>; print $y scalar reverse $line; exit }
close $y;
$x->autoflush;
print $x "drawer\n";
shutdown $x, 1;
print <$x>, "\n";
wait;

my $server = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die;
if (!fork) {
	my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->sockport);
	print $c "hello\n";
	exit;
}
print scalar $server->accept->getline;
wait;

mkdir "d$_" for 1 .. 20;
my $dirs = 0;
find({ wanted => sub { $dirs++ if -d }, no_chdir => 1 }, '.');
print "$dirs folders\n";
print sha256_hex(join ',', sort { $a <=> $b } map { $_ * 7919 % 10007 } 1 .. 50000), "\n";
my $text = join ' ', map { "w$_" } 1 .. 20000;
my %seen;
$seen{length $1}++ while $text =~ /(w\d+)/g;
print join(' ', map { "$_=$seen{$_}" } sort keys %seen), "\n";
local $0 = 'renamed';
open my $comm, '<', '/proc/self/comm';
print <$comm>;
print sprintf('%s', $! = 2), ' ', -e '/nothere' ? 1 : 0, "\n";
exec 'sh', '-c', 'exit 6';
EOF
perl test.pl 2>&1
echo "status $?"
perl -e 'die "message\n"' 2>&1
echo "status $?"
printf 'a\nb\n' >file
perl -i.bak -pe 's/^/> /' file
cat file file.bak
perl -MEncode -MList::Util=sum -MStorable=dclone -MData::Dumper -e '$Data::Dumper::Terse = $Data::Dumper::Indent = 1; print Dumper(dclone [sum(1..10), { a => encode("UTF-8", "\x{e9}") }])'
