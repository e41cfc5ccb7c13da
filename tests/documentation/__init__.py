"""Tests that run the shell commands of the README and of docs/.

A page writes its commands in blocks of the language `console`:

- A line that begins with `$ ` is a command. Lines that begin with `> ` continue it.
- The other lines are its output. Numbers, versions, times and hashes may differ. A line
  `...` stands for any lines, and `...` or `…` within a line for any text.
- The tests run a command unless the line before its block is
  `<!-- not run: REASON -->`.
- tests/containers runs a command instead if the line before its block is
  `<!-- in Docker and Podman -->`. It can also name one of them, and Compose files that
  are up: `<!-- in Docker with compose.yml -->`. See tests/containers/terminal.py.
- Before a block that needs files, `<!-- with NAME -->` names those of
  tests/sample_files that are in the folder. The commands of such a block count in a
  file of their own, so that no block depends on what another one has imported.
- A command exits with 0. The last one of a block exits with 1, for example, if the line
  before the block is `<!-- exits with 1 -->`.

The blocks of a page run in order, as in one terminal. The page has its own copy of the
project, its own home folder, and its own tracker, which counts in a SQLite file in that
folder and has counted nothing before. The addresses `http://127.0.0.1:8000`,
`http://localhost:8000` and `https://counter.example` lead to that tracker, and TOKEN is
its token. The page also has its own empty Redis at `localhost:6379` and
`127.0.0.1:6379`. A server is stopped as soon as it has answered. Commands that install
packages or run the tests are not run here. The tests check that .ci/run runs the same
commands.
"""
