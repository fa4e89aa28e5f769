#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# git: 2,000 files in a repository, branches, a clone, gc and fsck.

export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@x GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@x
export GIT_AUTHOR_DATE='2020-01-02 03:04:05 +0000' GIT_COMMITTER_DATE='2020-01-02 03:04:05 +0000'
git config --global init.defaultBranch main
git config --global advice.detachedHead false

git init repo && cd repo || exit
mkdir -p dir/{0..19}
for i in {1..2000}; do echo "file $i" >"dir/$((i % 20))/$i"; done
git add .
git commit -q -m 'Add 2,000 files'
git rev-parse HEAD
git status --short
sed -i 's/file/FILE/' dir/7/*
git diff --stat | tail -n 1
git commit -q -a -m 'Change a hundred'
git checkout -q -b side HEAD~1
git mv dir/3 three
git commit -q -m 'Move a folder'
git merge -q main -m 'Merge' 2>&1
git log --graph --oneline
git tag -a -m 'A tag' v1
echo conflict >dir/7/7
git commit -q -a -m one
git checkout -q -b other HEAD~1
echo other >dir/7/7
git commit -q -a -m two
git merge side 2>&1
echo "merge: $?"
git merge --abort
git rebase -q side 2>&1 | grep -c CONFLICT
git rebase --abort
git stash list
echo stashed >>dir/1/1
git stash -q && git stash pop -q && git status --short
git checkout -q -- .
git grep -c FILE | sort | tail -n 2
git blame -s dir/7/27 | cut -c 1-20
git archive v1 | tar -t | wc -l

cd ..
git clone -q repo local && git -C local log --oneline | wc -l
git clone -q "file://$PWD/repo" clone 2>&1
cd clone || exit
git rev-parse HEAD
echo pushed >new
git add new
git commit -q -m 'To be pushed'
git push -q origin HEAD:pushed 2>&1
git -C ../repo rev-parse pushed
cd ../repo || exit
git gc -q 2>&1
git count-objects -v | grep -E 'count|in-pack|packs'
git fsck --full 2>&1
git worktree add -q ../tree v1 && find ../tree -type f | wc -l
git bisect start -q HEAD HEAD~2 >/dev/null
git bisect run sh -c 'test ! -d three' 2>&1 | grep -c 'first bad commit'
git log --format=%H --all | sort | sha256sum
