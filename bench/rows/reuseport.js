'use strict';
const childProcess = require('child_process');
const cluster = require('cluster');
const net = require('net');
const path = require('path');
const c = require('../contestants').c;
const { cpu } = require('../lib/meter');

const WORKERS = 2;

exports.name = 'reuseport';
exports.title = 'SO_REUSEPORT';
exports.about = 'Short HTTP connections (one request each, 8 at a time, from a C client) to two server processes.';
exports.metrics = {
  rate: { label: 'connections/s', better: 'more' },
  primaryCpu: { label: 'CPU µs/connection, primary', better: 'less' },
  workerCpu: { label: 'CPU µs/connection, workers', better: 'less' },
  share: { label: 'share of the lesser worker', better: 'more' },
};

exports.cases = ({ node24 }) => {
  const contestants = ['ours', '0.2.7', 'cluster', 'cluster-reuseport'];
  return [
    { id: 'reuseport', label: `Node ${process.versions.node}`, params: {}, contestants },
    ...(node24 ? [{ id: 'reuseport 24', label: 'Node 24', params: { node: node24 }, contestants }] : []),
  ];
};

exports.figures = ({ client, primary: { workers, primaryCpu } }) => {
  const sum = (field) => workers.reduce((all, worker) => all + worker[field], 0);
  const requests = sum('requests');
  return {
    rate: client.count / client.seconds,
    primaryCpu: primaryCpu / requests,
    workerCpu: sum('cpu') / requests,
    share: Math.min(...workers.map((worker) => worker.requests)) / requests,
  };
};

exports.measure = async (bench) => {
  const { warmup, duration } = bench.params;
  const port = await freePort();
  const primary = await bench.start('primary', { port });
  const client = await bench.start('client', {}, c.native('http', 'client', { port, threads: 8, warmup, duration }));
  bench.go();
  const seen = await bench.wait(client.report);
  primary.say('told');
  return { client: seen, primary: await bench.wait(primary.report) };
};

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function primary(contestant, params, control) {
  const exec = path.join(__dirname, '..', 'lib', 'http-worker.js');
  const args = [contestant.id, String(params.port)];
  cluster.setupPrimary({ exec, args, silent: true });
  const workers = Array.from({ length: WORKERS }, () =>
    contestant.plainChildren ? childProcess.fork(exec, args, { silent: true }) : cluster.fork(),
  );
  let listening = 0;
  const ask = (then) => {
    const answers = [];
    workers.forEach((worker, i) => {
      worker.removeAllListeners('message');
      worker.on('message', (answer) => {
        answers[i] = answer;
        if (Object.keys(answers).length === WORKERS) then(answers);
      });
      worker.send('figures');
    });
  };
  const fail = (text) => {
    process.stderr.write(`error: ${text}`);
    process.exit(1);
  };
  const ready = () => {
    ask((before) => {
      let used;
      control.ready(() => (used = cpu()));
      control.onTold(() => {
        const primaryCpu = cpu() - used;
        ask((after) => {
          const figures = after.map((each, i) => ({
            requests: each.requests - before[i].requests,
            cpu: each.cpu - before[i].cpu,
          }));
          control.report({ primaryCpu, workers: figures });
        });
      });
    });
  };
  for (const worker of workers) {
    const child = worker.process || worker;
    child.stderr.on('data', fail);
    worker.on('exit', (code) => fail(`worker ended with ${code}`));
    worker.on('message', (message) => {
      if (message !== 'listening') return;
      listening += 1;
      if (listening === WORKERS) ready();
    });
  }
}

exports.roles = { primary };
