#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Go: the tool chain builds a program; goroutines, preemption, processes, a
# server, files.

export GOFLAGS=-mod=mod GO111MODULE=on GOPROXY=off GOCACHE=$PWD/cache CGO_ENABLED=0
mkdir program && cd program || exit
cat >go.mod <<'EOF'
module program
go 1.19
EOF
cat >main.go <<'EOF'
package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Loops without calls: only a signal preempts them.
func spin(stop *int32) {
	for n := 0; atomic.LoadInt32(stop) == 0; n++ {
	}
}

func main() {
	var stop int32
	for i := 0; i < 4; i++ {
		go spin(&stop)
	}
	runtime.Gosched()
	runtime.GC()
	time.Sleep(20 * time.Millisecond)
	atomic.StoreInt32(&stop, 1)
	fmt.Println("preempted")

	var wg sync.WaitGroup
	sums := make(chan int, 10)
	for i := 0; i < 1000; i++ {
		wg.Add(1)
		go func(n int) { defer wg.Done(); sums <- n }(i)
	}
	go func() { wg.Wait(); close(sums) }()
	total := 0
	for n := range sums {
		total += n
	}
	fmt.Println("goroutines", total)
	for i := 0; i < 20; i++ {
		wg.Add(1)
		go func() { defer wg.Done(); runtime.LockOSThread(); time.Sleep(10 * time.Millisecond) }()
	}
	wg.Wait()

	out, err := exec.Command("sh", "-c", "echo $0 $1; exit 3", "a", "b").CombinedOutput()
	var status *exec.ExitError
	fmt.Printf("exec %q %v %v\n", out, errors.As(err, &status), err)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	fmt.Println("killed", exec.CommandContext(ctx, "sleep", "5").Run())
	outs := make([]string, 30)
	for i := range outs {
		wg.Add(1)
		go func(i int) {
			defer wg.Done()
			b, _ := exec.Command("echo", fmt.Sprint(i)).Output()
			outs[i] = strings.TrimSpace(string(b))
		}(i)
	}
	wg.Wait()
	fmt.Println("parallel", strings.Join(outs, " "))

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { io.Copy(c, c); c.Close() }()
		}
	}()
	var got int64
	for i := 0; i < 50; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			c, _ := net.Dial("tcp", l.Addr().String())
			fmt.Fprintln(c, strings.Repeat("x", 10000))
			line, _ := bufio.NewReader(c).ReadString('\n')
			atomic.AddInt64(&got, int64(len(line)))
			c.Close()
		}()
	}
	wg.Wait()
	fmt.Println("tcp", got)
	c, _ := net.Dial("tcp", l.Addr().String())
	c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	_, err = c.Read(make([]byte, 1))
	fmt.Println("deadline", errors.Is(err, os.ErrDeadlineExceeded))

	sigs := make(chan os.Signal, 1)
	signal.Notify(sigs, syscall.SIGUSR1)
	syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	fmt.Println("signal", <-sigs)
	func() {
		defer func() { fmt.Println("recovered", recover()) }()
		var p *int
		*p = 1
	}()
	os.WriteFile("written", make([]byte, 1<<20), 0o640)
	data, _ := os.ReadFile("written")
	fmt.Printf("sum %x\n", sha256.Sum256(data))
	data, err = syscall.Mmap(int(openFile("written").Fd()), 0, 1<<20, syscall.PROT_READ, syscall.MAP_SHARED)
	fmt.Println("mmap", len(data), err)
	entries, _ := os.ReadDir("/etc/apt")
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	sort.Strings(names)
	fmt.Println(names)
	garbage := 0
	for i := 0; i < 200000; i++ {
		garbage += len(make([]byte, 512))
	}
	fmt.Println("garbage", garbage)
	os.Exit(6)
}

func openFile(name string) *os.File {
	f, err := os.Open(name)
	if err != nil {
		panic(err)
	}
	return f
}
EOF
cat >main_test.go <<'EOF'
package main

import "testing"

func TestOpen(t *testing.T) {
	if openFile("go.mod") == nil {
		t.Fatal()
	}
}
EOF
go build -o program . 2>&1
echo "build: $?"
./program 2>&1
echo "status $?"
GOMAXPROCS=1 ./program 2>&1 | sha256sum
go vet . 2>&1
gofmt -l .
go test . 2>&1 | cut -f 1,2
