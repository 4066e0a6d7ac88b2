/**
 * How close a swarm comes to the minimum distribution time, in network namespaces with shaped links. Linux, root, iproute2,
 * curl.
 *
 *   npm run bench:swarm -- [--topology a,b,c] [--contender fanout,curl,aria2,libtorrent] [--repeat 1] [--folder /dev/shm] [--timeline spread.csv]
 *     [--agent-options="--cpu-prof …"] [--server-options=…]
 *
 * Prints one JSON line per topology and repetition.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { LabNetwork } from '../lab/lab-network.ts';
import { namespaceProblem } from '../lab/namespaces.ts';
import { complain, scriptOptions, wholeNumber } from '../script-options.ts';
import { measureFanout } from './swarm-fanout.ts';
import { curlShareOf, measureAria2, measureCurl, measureLibtorrent } from './swarm-others.ts';
import type { SwarmTopology } from './swarm-topology.ts';
import { swarmTopologies } from './swarm-topology.ts';
import { runUndisturbed } from './undisturbed.ts';

const contenderNames = ['fanout', 'curl', 'aria2', 'libtorrent'] as const;

const { values } = scriptOptions(import.meta.filename, {
  options: {
    topology: { type: 'string', default: swarmTopologies.map(({ name }) => name).join(',') },
    contender: { type: 'string', default: contenderNames.join(',') },
    repeat: { type: 'string', default: '1' },
    // Computers have a disk each; the lab's share one, which would be measured instead of the network.
    folder: { type: 'string', default: existsSync('/dev/shm') ? '/dev/shm' : tmpdir() },
    'agent-options': { type: 'string', default: '' },
    'server-options': { type: 'string', default: '' },
    timeline: { type: 'string' },
  },
});
const words = (text: string, separator: string): string[] => text.split(separator).filter((word) => word !== '');

const topologies = words(values.topology, ',').map(
  (name) =>
    swarmTopologies.find((topology) => topology.name === name) ?? complain(`There is no topology called "${name}".`),
);
const chosen = words(values.contender, ',').map(
  (name) => contenderNames.find((known) => known === name) ?? complain(`There is no contender called "${name}".`),
);
const repeat = wholeNumber('repeat', values.repeat, 1);

const problem = namespaceProblem();
if (problem !== null) {
  console.error(problem);
  process.exit(2);
}

runUndisturbed();

async function inNetwork<Value>(
  topology: SwarmTopology,
  use: (network: LabNetwork, folder: string) => Promise<Value>,
): Promise<Value> {
  const { agents, wan, lan } = topology;
  const folder = mkdtempSync(path.join(values.folder, 'fanout-swarm-'));
  const network = new LabNetwork([{ computers: agents, wan, lan }]);
  try {
    return await use(network, folder);
  } finally {
    network.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

const contenders = {
  fanout: (topology: SwarmTopology) =>
    inNetwork(topology, (network, folder) =>
      measureFanout({
        topology,
        network,
        folder,
        agentNodeOptions: words(values['agent-options'], ' '),
        serverNodeOptions: words(values['server-options'], ' '),
        ...(values.timeline === undefined ? {} : { timeline: values.timeline }),
      }),
    ),
  curl: (topology: SwarmTopology) => {
    const share = curlShareOf(topology);
    return inNetwork(share, (network, folder) => measureCurl({ topology: share, network, folder }));
  },
  aria2: (topology: SwarmTopology) =>
    inNetwork(topology, (network, folder) => measureAria2({ topology, network, folder })),
  libtorrent: (topology: SwarmTopology) =>
    inNetwork(topology, (network, folder) => measureLibtorrent({ topology, network, folder })),
};

for (const topology of topologies) {
  for (let turn = 0; turn < repeat; turn++) {
    const figures: Record<string, unknown> = {};
    const loadBefore = loadavg()[0];
    for (const contender of contenderNames) {
      if (chosen.includes(contender)) figures[contender] = await contenders[contender](topology);
    }
    console.log(JSON.stringify({ topology: topology.name, agents: topology.agents, loadBefore, ...figures }));
  }
}
