/** The test projects, in the order in which `npm test` runs them (build/bootstrap/test.mjs). */
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const special = ['contracts', 'sim', 'loopback', 'soak', 'lab', 'e2e', 'e2e-electron'];

const oneAfterTheOther = { fileParallelism: false, maxWorkers: 1 };

/** For what computes and waits for nothing: a file on every core. */
const everyCore = { maxWorkers: availableParallelism() };

/** Files that leave nothing behind in their process share one: to load the sources anew for each takes longer than its tests. */
const sharedProcess = { isolate: false };

export default defineConfig({
  cacheDir: '.cache/vite',
  test: {
    passWithNoTests: true,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: special.map((folder) => `test/${folder}/**`),
          testTimeout: 10_000,
          ...everyCore,
          ...sharedProcess,
        },
      },
      {
        // One suite per port, run over the real and the simulated implementation alike.
        test: { name: 'contracts', include: ['test/contracts/**/*.test.ts'], testTimeout: 20_000, ...everyCore },
      },
      {
        // Whole networks of agents in virtual time.
        test: {
          name: 'sim',
          include: ['test/sim/**/*.test.ts'],
          testTimeout: 60_000,
          ...everyCore,
          ...sharedProcess,
        },
      },
      {
        // Real sockets, worker processes and disks on 127.x. They wait more than they compute: four files at a time.
        test: {
          name: 'loopback',
          include: ['test/loopback/**/*.test.ts'],
          globalSetup: 'test/support/fresh-worker-bundles.ts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 4,
        },
      },
      {
        // A share of the campaigns that `npm run soak` runs whole.
        test: {
          name: 'soak',
          include: ['test/soak/**/*.test.ts'],
          globalSetup: 'test/support/fresh-worker-bundles.ts',
          testTimeout: 180_000,
          maxWorkers: 2,
        },
      },
      {
        // The console in Chromium, three files at a time: each has a server and a browser of its own, and waits for both.
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: 'test/support/fresh-bundles.ts',
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 3,
        },
      },
      {
        // The desktop application in a real Electron.
        test: {
          name: 'electron',
          include: ['test/e2e-electron/**/*.test.ts'],
          globalSetup: 'test/support/fresh-bundles.ts',
          testTimeout: 90_000,
          hookTimeout: 120_000,
          ...oneAfterTheOther,
        },
      },
      {
        // Network namespaces with shaped links; needs root on Linux. The links are slower than the computer and each file has
        // namespaces of its own: three files at a time.
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          exclude: ['test/lab/fidelity.test.ts'],
          globalSetup: 'test/support/fresh-worker-bundles.ts',
          testTimeout: 180_000,
          hookTimeout: 120_000,
          maxWorkers: 3,
        },
      },
      {
        // What takes time there must be the network and nothing else: it runs after the others, by itself.
        test: {
          name: 'lab-alone',
          include: ['test/lab/fidelity.test.ts'],
          globalSetup: 'test/support/fresh-worker-bundles.ts',
          testTimeout: 400_000,
          sequence: { groupOrder: 1 },
          ...oneAfterTheOther,
        },
      },
    ],
  },
});
