import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LabNetwork, type LabSubnet } from '../../build/lab/lab-network.ts';
import { firstLine, LabProcesses } from '../../build/lab/lab-processes.ts';
import { goodputBytesPerSecond } from '../../build/lab/link-shape.ts';
import { namespaceProblem, removeLeftovers } from '../../build/lab/namespaces.ts';
import { eventually } from '../../build/lab/waiting.ts';

/*
 * What the other lab tests build on: links that carry what they should, counters that count, cuts that cut. A rate is
 * asserted here because it is the kernel's; it says nothing of the product.
 */
const problem = namespaceProblem();
const wan = { megabits: 40 };
const lan = { megabits: 200 };
const wireBytesPerContentByte = 1514 / 1448;

const processes = new LabProcesses();
let network: LabNetwork;

beforeAll(() => {
  if (problem === null) network = new LabNetwork([{ computers: 3, wan, lan }, { computers: 1 }]);
});
afterAll(async () => {
  if (problem !== null) return;
  await processes.stopAll();
  network.remove();
});

const site = (index: number): LabSubnet => {
  const subnet = network.subnets[index];
  if (subnet === undefined) throw new Error(`there is no subnet ${index}`);
  return subnet;
};
const computer = (subnet: number, index: number) => {
  const found = site(subnet).computers[index];
  if (found === undefined) throw new Error(`there is no computer ${index}`);
  return found;
};

/** Sends as many bytes as the path says. */
const byteServer = `
const chunk = Buffer.alloc(65536);
require('node:http').createServer((request, response) => {
  const total = Number(request.url.slice(1));
  response.writeHead(200, { 'content-length': total });
  let sent = 0;
  const more = () => {
    while (sent < total) {
      const size = Math.min(chunk.length, total - sent);
      sent += size;
      if (!response.write(chunk.subarray(0, size))) return response.once('drain', more);
    }
    response.end();
  };
  more();
}).listen(9000, () => console.log('listening'));`;

async function downloadedBytesPerSecond(from: { namespace: string; addresses: readonly string[] }, bytes: number) {
  const server = processes.start(from.namespace, process.execPath, ['-e', byteServer]);
  await firstLine(server);
  const ask = ['--silent', '--output', '/dev/null', '--write-out', '%{speed_download}'];
  const url = `http://${from.addresses[0]}:9000/${bytes}`;
  const speed = await processes.run(computer(0, 0).namespace, 'curl', [...ask, url], 60_000);
  await server.kill();
  return Number(speed);
}

/** True where the other end answers, if only with a refusal; false where nothing comes back. */
async function reaches(from: { namespace: string }, address: string | undefined): Promise<boolean> {
  const ask = `const socket = require('node:net').connect(9, '${address}');
    const say = (word) => { console.log(word); process.exit(); };
    socket.on('error', ({ code }) => say(code)).on('connect', () => say('connected'));
    setTimeout(() => say('silence'), 1500);`;
  return (await processes.run(from.namespace, process.execPath, ['-e', ask], 20_000)).trim() !== 'silence';
}

it('carries over each link what its rate leaves for content, and the kernel counts it frame by frame', async (context) => {
  if (problem !== null) return context.skip(problem);
  const bytes = 8_000_000;
  const before = network.wanCounters(site(0));
  const overWan = await downloadedBytesPerSecond(network.server, bytes);
  const counted = network.wanCounters(site(0)).intoSubnetBytes - before.intoSubnetBytes;
  expect(counted / (bytes * wireBytesPerContentByte)).toBeGreaterThan(0.999);
  expect(counted / (bytes * wireBytesPerContentByte)).toBeLessThan(1.01);
  expect(overWan / goodputBytesPerSecond(wan)).toBeLessThan(1.02);
  // Slower is the fault of a busy computer: one attempt of several has to come close.
  await eventually(
    'a download comes close to the rate of the WAN',
    async () => {
      const share = (await downloadedBytesPerSecond(network.server, bytes)) / goodputBytesPerSecond(wan);
      expect(share).toBeLessThan(1.02);
      return share > 0.95 || null;
    },
    60_000,
  );
  await eventually(
    'a download comes close to the rate of the LAN',
    async () => {
      const share = (await downloadedBytesPerSecond(computer(0, 1), 5 * bytes)) / goodputBytesPerSecond(lan);
      expect(share).toBeLessThan(1.02);
      return share > 0.95 || null;
    },
    60_000,
  );
});

it('cuts a WAN link silently and restores it', async (context) => {
  if (problem !== null) return context.skip(problem);
  const [server] = network.server.addresses;
  expect(await reaches(computer(0, 0), server)).toBe(true);
  network.cutWan(site(0));
  expect(await reaches(computer(0, 0), server)).toBe(false);
  expect(await reaches(computer(1, 0), server)).toBe(true);
  network.restoreWan(site(0));
  expect(await reaches(computer(0, 0), server)).toBe(true);
});

it('parts a subnet in two that both reach the WAN, and joins it again', async (context) => {
  if (problem !== null) return context.skip(problem);
  const [left, right] = [computer(0, 0), computer(0, 2)];
  network.partition(site(0), [right]);
  expect(await reaches(left, right.addresses[0])).toBe(false);
  expect(await reaches(left, computer(0, 1).addresses[0])).toBe(true);
  expect(await reaches(left, network.server.addresses[0])).toBe(true);
  expect(await reaches(right, network.server.addresses[0])).toBe(true);
  network.heal(site(0));
  expect(await reaches(left, right.addresses[0])).toBe(true);
  expect(await reaches(right, network.server.addresses[0])).toBe(true);
});

it('takes down what a killed run left behind, with the programs in it, and nothing of a run that lives', async (context) => {
  if (problem !== null) return context.skip(problem);
  const pidOfTheDead = execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }).trim();
  const left = `fanout-lab-${pidOfTheDead}-1-left`;
  execFileSync('ip', ['netns', 'add', left]);
  const program = spawn('ip', ['netns', 'exec', left, 'sh', '-c', 'echo inside; exec sleep 600'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(program, 'exit');
  await once(program.stdout, 'data');
  removeLeftovers();
  expect((await ended)[1]).toBe('SIGKILL');
  const names = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  expect(names).not.toContain(left);
  expect(names).toContain(network.server.namespace);
});
