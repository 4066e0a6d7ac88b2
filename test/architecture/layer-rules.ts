/**
 * DESIGN rule table: who may import whom. A layer is the longest folder here that holds a file. The tsconfig of a layer
 * references exactly the layers named here that exist; layers.test.ts keeps both in step.
 */

export interface LayerRule {
  readonly folder: string;
  /** Layers it may import values and types from (itself always). */
  readonly imports: readonly string[];
  /** Layers it may import types from, and nothing that exists at run time. */
  readonly importsTypes?: readonly string[];
  /** npm packages it may import; a scope or a name stands for everything below it. 'any' = no rule. */
  readonly packages: readonly string[] | 'any';
  /** May import `node:` modules. */
  readonly isNode: boolean;
  /** State machines and rules that must give the same answer on every machine: see core-bans.ts. */
  readonly isCore: boolean;
}

const core = { packages: [], isNode: false, isCore: true };
const shared = { isNode: false, isCore: false };
const node = { packages: 'any', isNode: true, isCore: false } as const;

const base = 'shared/base';
const contracts = 'shared/contracts';
const dht = 'shared/dht';
const agent = 'shared/agent';
const server = 'shared/server';
const sim = 'shared/sim';
const database = 'electron/database';
const notificationServer = 'electron/notification-server';
const agentWorker = 'electron/agent-worker';
const fleet = 'electron/fleet';
const simWorker = 'electron/sim-worker';

export const layerRules: readonly LayerRule[] = [
  { folder: base, imports: [], packages: ['@noble/hashes'], ...shared },
  { folder: contracts, imports: [base], packages: ['zod'], ...shared },
  { folder: dht, imports: [base], ...core },
  { folder: agent, imports: [base, dht], importsTypes: [contracts], ...core },
  { folder: server, imports: [base], importsTypes: [contracts], ...core },
  { folder: sim, imports: [base, contracts, dht, agent, server], ...core },
  { folder: database, imports: [base, contracts], ...node },
  { folder: notificationServer, imports: [base, contracts, server, database], ...node },
  { folder: agentWorker, imports: [base, contracts, dht, agent], ...node },
  { folder: fleet, imports: [base, contracts], ...node },
  { folder: simWorker, imports: [base, contracts, dht, agent, server, sim], ...node },
  { folder: 'electron/preload', imports: [contracts], packages: ['electron'], isNode: false, isCore: false },
  { folder: 'electron/main', imports: [base, contracts, notificationServer, database, fleet], ...node },
  {
    folder: 'electron/cli',
    imports: [base, contracts, notificationServer, database, fleet, agentWorker, sim, simWorker],
    ...node,
  },
  {
    folder: 'renderer',
    imports: [base, contracts],
    packages: [
      '@fluentui',
      '@hookform/resolvers',
      '@tanstack',
      'react',
      'react-dom',
      'react-hook-form',
      'recharts',
      'vite',
      'zod',
      'zustand',
    ],
    isNode: false,
    isCore: false,
  },
  // The lab and the benches speak the console interface and the worker protocol.
  { folder: 'build', imports: [base, contracts], ...node },
  {
    folder: 'test',
    imports: [
      base,
      contracts,
      dht,
      agent,
      server,
      sim,
      database,
      notificationServer,
      agentWorker,
      fleet,
      simWorker,
      'electron/preload',
      'electron/main',
      'electron/cli',
      'renderer',
      'build',
    ],
    ...node,
  },
];

/** The only layers that may import the module `electron`. */
export const electronLayers: readonly string[] = ['electron/main', 'electron/preload'];

/** The layer of a file (path from the root with `/`), or null: then the file is in no layer and may not exist. */
export function layerOf(file: string): LayerRule | null {
  return layerRules.find((rule) => file.startsWith(`${rule.folder}/`)) ?? null;
}
