#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# ssh-keygen, ssh-agent, openssl, gpgv's kind of work: keys, signatures, sums.

for type in rsa ecdsa ed25519; do
	ssh-keygen -q -t "$type" -N secret -C comment -f "key-$type"
	ssh-keygen -y -P secret -f "key-$type" | cut -d' ' -f 1
	ssh-keygen -l -f "key-$type.pub" | cut -d' ' -f 1,3-
	stat -c '%a %n' "key-$type"
done
ssh-keygen -y -P wrong -f key-rsa 2>&1 | grep -o 'incorrect passphrase.*'
ssh-keygen -q -p -P secret -N '' -f key-ed25519
echo message >file
ssh-keygen -q -Y sign -f key-ed25519 -n test file 2>/dev/null
echo "me $(cat key-ed25519.pub)" >allowed
ssh-keygen -Y verify -f allowed -I me -n test -s file.sig <file | cut -d' ' -f 1-6
echo other | ssh-keygen -Y verify -f allowed -I me -n test -s file.sig 2>&1 | tail -n 1
ssh-keygen -q -s key-ed25519 -I id -n user -V 20200101:20300101 key-rsa.pub
ssh-keygen -L -f key-rsa-cert.pub | grep -A 1 Principals
eval "$(ssh-agent)" >/dev/null
ssh-add -q key-ed25519
ssh-add -l | cut -d' ' -f 3-
ssh-add -q -D
ssh-add -l
kill "$SSH_AGENT_PID"
ssh-keygen -q -R host -f nothere 2>&1

openssl genrsa -out rsa.pem 2048 2>/dev/null
openssl rsa -in rsa.pem -pubout -out pub.pem 2>/dev/null
openssl dgst -sha256 -sign rsa.pem -out sig file
openssl dgst -sha256 -verify pub.pem -signature sig file
openssl enc -aes-256-cbc -pbkdf2 -k pass -in /bin/true | openssl enc -d -aes-256-cbc -pbkdf2 -k pass | cmp - /bin/true && echo decrypted
openssl rand 1000 | wc -c
