#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# gcc and make: a program of 20 files and a library, built in parallel.

for i in $(seq -w 0 19); do
	cat >"part$i.c" <<EOF
#include <stdio.h>
#include <string.h>
#include <math.h>
#include "parts.h"
double part$i(double x)
{
	char text[32];

	snprintf(text, sizeof(text), "%.3f", sin(x + $((10#$i))));
	return strlen(text) + x;
}
EOF
done
seq -f 'double part%02g(double x);' 0 19 >parts.h
{
	echo '#include <stdio.h>'
	echo '#include <pthread.h>'
	echo '#include "parts.h"'
	echo 'static void *run(void *p) { double *x = p;'
	seq -f '*x = part%02g(*x);' 0 19
	echo 'return NULL; }'
	echo 'int main(void) { double x = 1; pthread_t t; pthread_create(&t, NULL, run, &x);'
	echo 'pthread_join(t, NULL); printf("%g\n", x); return 7; }'
} >main.c
cat >Makefile <<'EOF'
CFLAGS = -O2 -Wall -g -fPIC -pthread
parts := $(patsubst %.c,%.o,$(wildcard part*.c))
all: program static shared
program: main.o libparts.a
	$(CC) $(LDFLAGS) -pthread -o $@ $^ -lm
static: main.o libparts.a
	$(CC) -static -o $@ $^ -lm
shared: main.o libparts.so
	$(CC) -Wl,-rpath,'$$ORIGIN' -o $@ $^
libparts.a: $(parts)
	ar rcs $@ $^
libparts.so: $(parts)
	$(CC) -shared -o $@ $^ -lm
%.o: %.c parts.h
	$(CC) $(CFLAGS) -c -o $@ $<
clean:
	rm -f *.o *.a *.so program static shared
EOF
make -s -j4
echo "make: $?"
for program in program static shared; do
	./$program
	echo "$program: $?"
done
make -q
echo "nothing to do: $?"
sleep 0.02
touch part07.c
make -n | grep -c -- '-c -o'
gcc -flto=2 -O2 -o lto main.c part*.c -lm && ./lto
echo "lto: $?"
nm program | grep -c ' T part'
objdump -d --no-show-raw-insn part00.o | grep -c ret
strip program && ./program
size part00.o | wc -l
make -s clean
find . -name "part*" | wc -l
echo 'int main(void) { return x; }' | gcc -x c -o none - 2>&1
echo "status $?"
echo 'broken: ; exit 3' >other.mk
make -s -f other.mk 2>&1
echo "make: $?"
