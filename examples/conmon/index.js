'use strict';

/**
 * Attaches to a process that conmon monitors, as `podman attach` does. One command: node examples/conmon
 * Needs no container runtime: runtime.sh starts the process in place of one.
 */

const assert = require('assert');
const { once } = require('events');
const fs = require('fs');
const { example } = require('../lib/example');
const { attach } = require('./attach');

const INPUT = 100000;
const PROCESS = `
read -r line
echo "stdout: $line"
echo "stderr: $line" >&2
echo "then $(wc -c) bytes until the end of stdin"
exit 3
`;

/** Starts conmon. Resolves to its process when the container has been created. */
async function startContainer({ dir, start }) {
  const bundle = `${dir}/bundle`;
  for (const folder of [bundle, `${dir}/exits`]) fs.mkdirSync(folder);
  fs.writeFileSync(`${bundle}/process.sh`, PROCESS);
  const options = { cid: 'demo', cuuid: 'demo', name: 'demo', runtime: require.resolve('./runtime.sh'), bundle };
  Object.assign(options, { 'container-pidfile': `${dir}/pid`, 'exit-dir': `${dir}/exits`, 'log-path': `${dir}/log` });
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const conmon = start('conmon', ['--sync', '--full-attach', '--stdin', ...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    env: { ...process.env, _OCI_SYNCPIPE: '3' },
  });
  const [report] = await once(conmon.stdio[3], 'data');
  const { pid, message } = JSON.parse(report);
  assert.ok(pid > 0, message);
  return { conmon, pid, socket: `${bundle}/attach` };
}

async function read(stream) {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += chunk;
  return text;
}

example(['conmon'], async ({ dir, start }) => {
  const { conmon, pid, socket } = await startContainer({ dir, start });
  console.log(`the process has pid ${pid}`);
  const exit = once(conmon, 'exit');
  const { stdin, stdout, stderr } = attach(socket);
  const spectator = attach(socket); // a second client gets the same output
  const all = Promise.all([stdout, stderr, spectator.stdout].map(read));
  stdin.write('hello\n');
  stdin.end(Buffer.alloc(INPUT, 'x'));

  const [output, errors, seen] = await all;
  process.stdout.write(output + errors);
  assert.strictEqual(output, `stdout: hello\nthen ${INPUT} bytes until the end of stdin\n`);
  assert.strictEqual(errors, 'stderr: hello\n');
  assert.strictEqual(seen, output);

  const [code] = await exit;
  console.log(`the process exited with ${fs.readFileSync(`${dir}/exits/demo`, 'latin1')}`);
  assert.strictEqual(code, 3);
});
