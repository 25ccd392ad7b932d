'use strict';
// For each sanitizer: how to build the library, how to start Node.js, the tests to run, and the planted faults that it has
// to report. Every process writes its report as a file into the folder `reports`.

const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const root = require('../../lib/root');

const tools = path.join(root, '.tools');
const suppressions = (name) => path.join(__dirname, `${name}.supp`);
const PLANTED = '--cfg planted_faults';
const WORKERS = [
  'runtime/workers.test.js',
  'runtime/environments.test.js',
  'contract/both-kinds/large-messages.test.js',
  'smoke/smoke.js',
];
const TRIPLE = execFileSync('rustc', ['-vV'], { encoding: 'utf8' }).match(/^host: (.*)$/m)[1];

/** The environment for the runtime of gcc. Only `node` is checked for leaks, not python, sh and other peers. */
function asan(reports) {
  const folder = path.join(reports, '..');
  const perProgram = path.join(folder, 'options');
  fs.mkdirSync(perProgram, { recursive: true });
  fs.writeFileSync(path.join(perProgram, 'node'), 'detect_leaks=1\n');
  const leaks = path.join(folder, 'leaks.so');
  execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-o', leaks, path.join(__dirname, 'leaks.c'), '-ldl']);
  const runtime = execFileSync('gcc', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).trim();
  return {
    LD_PRELOAD: `${leaks}:${fs.realpathSync(runtime)}`,
    ASAN_OPTIONS: [
      'detect_leaks=0',
      `include_if_exists=${perProgram}/%b`,
      'verify_asan_link_order=0', // leaks.so comes first
      'quarantine_size_mb=16', // tests measure memory
      'allocator_may_return_null=1', // a test exhausts the memory
      `log_path=${reports}/asan`,
    ].join(':'),
    LSAN_OPTIONS: `suppressions=${suppressions('lsan')}:print_suppressions=0`,
  };
}

function tsan(reports) {
  const clang = path.join(tools, 'sanitizer-runtime', 'usr', 'lib');
  const found = fs.readdirSync(clang, { recursive: true }).find((file) => /libclang_rt\.tsan-x86_64\.so$/.test(file));
  return {
    LD_PRELOAD: path.join(clang, found),
    TSAN_OPTIONS: [
      'ignore_noninstrumented_modules=1',
      `external_symbolizer_path=${execFileSync('sh', ['-c', 'command -v addr2line'], { encoding: 'utf8' }).trim()}`,
      `suppressions=${suppressions('tsan')}`,
      `log_path=${reports}/tsan`,
    ].join(':'),
  };
}

const valgrind = (reports) => [
  'valgrind',
  '--quiet',
  '--error-exitcode=99',
  '--smc-check=all-non-file',
  '--leak-check=full',
  '--show-leak-kinds=definite',
  '--errors-for-leak-kinds=definite',
  `--suppressions=${suppressions('valgrind')}`,
  `--log-file=${reports}/valgrind.%p`,
];

const none = () => ({});

module.exports = {
  asan: {
    cargo: ['--target', TRIPLE],
    built: [TRIPLE, 'debug'],
    cargoEnv: { RUSTC_BOOTSTRAP: '1', RUSTFLAGS: `-Zsanitizer=address -Cforce-frame-pointers=yes ${PLANTED}` },
    prepare() {},
    env: asan,
    wrapper: () => [],
    nodes: [20, 24],
    tests: [], // all
    leftOut: {
      '__test__/peers/socket-activation.test.js': 'systemd-socket-activate starts the service without LD_PRELOAD',
      '__test__/peers/syslog.test.js': "util-linux's logger hangs with gcc's runtime preloaded",
    },
    planted: ['use-after-free', 'leak'],
  },
  tsan: {
    cargo: ['--target', TRIPLE, '-Zbuild-std=std,panic_unwind'],
    built: [TRIPLE, 'debug'],
    cargoEnv: {
      RUSTC: path.join(tools, 'rustc'),
      RUSTC_BOOTSTRAP: '1',
      RUSTFLAGS: `-Zsanitizer=thread -Cforce-frame-pointers=yes ${PLANTED}`,
    },
    prepare: () =>
      execFileSync(path.join(root, 'scripts', 'build', 'install-toolchain.sh'), ['tsan'], { stdio: 'inherit' }),
    env: tsan,
    wrapper: () => [],
    nodes: [20, 24],
    tests: WORKERS,
    planted: ['race'],
  },
  valgrind: {
    cargo: [],
    built: ['debug'],
    cargoEnv: { RUSTFLAGS: PLANTED },
    prepare() {},
    env: none,
    wrapper: valgrind,
    nodes: [20],
    tests: ['smoke/smoke.js'],
    planted: ['use-after-free', 'uninitialised', 'leak'],
  },
};
