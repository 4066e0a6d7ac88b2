/** Sources that break one rule each, and some that break none: the proof that the check would notice. */
import { maxLines, type SourceRule } from './source-rules.ts';

export interface PlantedViolation {
  readonly rule: SourceRule | 'nothing';
  readonly file: string;
  readonly what: string;
  readonly source: string;
}

const plant = (rule: PlantedViolation['rule'], file: string, source: string, what = source): PlantedViolation => ({
  rule,
  file,
  what,
  source,
});

const core = 'shared/agent/planted.ts';

const imports: readonly PlantedViolation[] = [
  plant('import-layer', 'shared/base/planted.ts', "import { a } from '../contracts/a.ts';"),
  plant('import-layer', 'shared/base/planted.ts', "import type { A } from '../contracts/a.ts';"),
  plant('import-layer', 'shared/contracts/planted.ts', "import { a } from '../agent/a.ts';"),
  plant('import-layer', 'shared/dht/planted.ts', "import type { A } from '../contracts/a.ts';"),
  plant('import-layer', 'shared/agent/planted.ts', "import { a } from '../server/a.ts';"),
  plant('import-layer', 'shared/agent/planted.ts', "export { a } from '../sim/a.ts';"),
  plant('import-layer', 'shared/server/planted.ts', "import { a } from '../agent/a.ts';"),
  plant('import-layer', 'shared/server/planted.ts', "export * from '../dht/a.ts';"),
  plant('import-layer', 'shared/sim/planted.ts', "import { a } from '../../electron/fleet/a.ts';"),
  plant('import-layer', 'electron/agent-worker/planted.ts', "import { a } from '../../shared/sim/a.ts';"),
  plant('import-layer', 'electron/agent-worker/planted.ts', "const a = await import('../database/a.ts');"),
  plant('import-layer', 'electron/fleet/planted.ts', "import { a } from '../agent-worker/a.ts';"),
  plant('import-layer', 'electron/fleet/planted.ts', "type A = import('../agent-worker/a.ts').A;"),
  plant('import-layer', 'electron/notification-server/planted.ts', "import { a } from '../fleet/a.ts';"),
  plant('import-layer', 'electron/database/planted.ts', "import { a } from '../notification-server/a.ts';"),
  plant('import-layer', 'electron/main/planted.ts', "import { a } from '../../shared/sim/a.ts';"),
  plant('import-layer', 'electron/main/planted.ts', "import { a } from '../agent-worker/a.ts';"),
  plant('import-layer', 'renderer/stores/planted.ts', "import { a } from '../../shared/agent/a.ts';"),
  plant('import-layer', 'renderer/planted.tsx', "import type { A } from '../electron/preload/a.ts';"),
  plant('import-layer', 'electron/cli/planted.ts', "import { a } from '../../test/a.ts';"),
  plant('import-layer', 'build/planted.mjs', "import { a } from '../shared/agent/a.ts';"),
  plant('import-type-only', 'shared/agent/planted.ts', "import { a } from '../contracts/a.ts';"),
  plant('import-type-only', 'shared/agent/planted.ts', "import { type A } from '../contracts/a.ts';"),
  plant('import-type-only', 'shared/server/planted.ts', "export { a } from '../contracts/a.ts';"),
  plant('import-extension', 'shared/base/planted.ts', "import { a } from './result';"),
  plant('import-extension', 'shared/base/planted.ts', "import { a } from './result.js';"),
  plant('import-missing', 'shared/base/planted.ts', "import { a } from './missing.ts';"),
  plant('import-computed', 'electron/fleet/planted.ts', 'const a = await import(name);'),
  plant('import-node', 'shared/contracts/planted.ts', "import { readFileSync } from 'node:fs';"),
  plant('import-node', 'renderer/planted.ts', "import path from 'node:path';"),
  plant('import-electron', 'electron/notification-server/planted.ts', "import { app } from 'electron';"),
  plant('import-electron', 'electron/fleet/planted.ts', "import { utilityProcess } from 'electron/main';"),
  plant('import-electron', 'electron/cli/planted.ts', "const { app } = require('electron');"),
  plant('import-package', 'shared/base/planted.ts', "import { z } from 'zod';"),
  plant('import-package', 'shared/contracts/planted.ts', "import Database from 'libsql';"),
  plant('import-package', 'shared/contracts/planted.ts', "import { readFileSync } from 'fs';"),
  plant('import-package', core, "import { sha256 } from '@noble/hashes/sha2.js';"),
  plant('import-package', 'renderer/planted.ts', "import fastify from 'fastify';"),
];

const bans: readonly PlantedViolation[] = [
  plant('core-promise', core, 'export async function fetchBlock() {}'),
  plant('core-promise', core, 'export const f = async () => 1;'),
  plant('core-promise', core, 'export interface Port { fetch(): Promise<void> }'),
  plant('core-promise', core, 'Promise.resolve();'),
  plant('core-promise', core, 'export const a = await b;'),
  plant('core-promise', core, 'class A { async run() {} }'),
  plant('core-promise', core, 'queueMicrotask(run);'),
  plant('core-time', core, 'const now = Date.now();'),
  plant('core-time', 'shared/server/planted.ts', 'const now = new Date();'),
  plant('core-time', 'shared/sim/planted.ts', 'const now = performance.now();'),
  plant('core-random', 'shared/dht/planted.ts', 'const a = Math.random();'),
  plant('core-random', core, "const a = Math['random']();"),
  plant('core-random', core, 'crypto.getRandomValues(bytes);'),
  plant('core-timer', core, 'setTimeout(run, 1);'),
  plant('core-timer', core, 'const every = setInterval;'),
  plant('core-float', core, 'const a = Math.exp(-1);'),
  plant('core-float', core, 'const a = Math.log2(8);'),
  plant('core-float', core, 'const a = Math[name](1);'),
  plant('core-float', core, 'const { pow } = Math;'),
  plant('core-float', core, 'const a = 1.5 ** 2.5;'),
  plant('core-float', core, 'let a = 2; a **= 0.5;'),
  plant('core-ambient', core, "console.log('x');"),
  plant('core-ambient', core, 'const p = globalThis.process;'),
  plant('core-ambient', core, 'for (const key in object) use(key);'),
  plant('core-ambient', core, 'names.sort((a, b) => a.localeCompare(b));'),
  plant('core-ambient', core, 'const text = count.toLocaleString();'),
];

const files: readonly PlantedViolation[] = [
  plant('syntax', 'shared/base/planted.ts', 'const = 1;'),
  plant('outside-layers', 'scripts/planted.ts', 'export const a = 1;'),
  plant('outside-layers', 'shared/planted.ts', 'export const a = 1;'),
  plant('file-name', 'shared/base/PeerTable.ts', 'export const a = 1;'),
  plant('file-name', 'renderer/peer_table.tsx', 'export const a = 1;'),
  plant('file-name', 'renderer/PeerTable/table.tsx', 'export const a = 1;'),
  plant('file-name', 'shared/base/planted.js', 'export const a = 1;'),
  plant('file-size', 'shared/base/planted.ts', 'export {};\n'.repeat(maxLines + 1), 'one line too many'),
];

const innocent: readonly PlantedViolation[] = [
  plant('nothing', 'shared/agent/planted.ts', "import type { A } from '../contracts/a.ts';"),
  plant('nothing', 'shared/agent/planted.ts', "import { a } from '../base/a.ts'; import { b } from '../dht/b.ts';"),
  plant('nothing', 'shared/base/planted.ts', "import { sha256 } from '@noble/hashes/sha2.js';"),
  plant('nothing', 'shared/contracts/planted.ts', "import { z } from 'zod'; export const s = z.iso.date();"),
  plant('nothing', core, 'const a = clock.Date + port.setTimeout + Math.floor(1.5) + Math.sqrt(2);'),
  plant('nothing', core, 'const limit = 2 ** 32 - 1;'),
  plant('nothing', core, '// Date.now() in a comment\nconst a = { Promise: 1, console: 2 };'),
  plant(
    'nothing',
    'electron/fleet/planted.ts',
    'export const f = async () => setTimeout(g, Date.now() * Math.random());',
  ),
  plant('nothing', 'electron/main/planted.ts', "import { app } from 'electron'; import path from 'node:path';"),
  plant('nothing', 'electron/sim-worker/planted.ts', "import { a } from '../../shared/sim/a.ts';"),
  plant('nothing', 'shared/base/planted.ts', 'export {};\n'.repeat(maxLines), 'as many lines as there may be'),
];

export const plantedViolations: readonly PlantedViolation[] = [...imports, ...bans, ...files, ...innocent];
