#!/usr/bin/env node
/** The `fanout` command in a checkout (`npx fanout …`): brings what is missing, then runs the built command line. */
import process from 'node:process';
import { pinnedNode, root } from './checkout.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { runInForeground } from './foreground.mjs';
import { commandLineBundles, ensureBundles } from './fresh-bundles.mjs';

ensureDependencies();
ensureBundles(commandLineBundles);
const args = process.argv.slice(2);
// A large organisation takes most of a computer's memory; a process may use a fraction of it otherwise.
const limits = args[0] === 'simulate' ? ['--max-old-space-size-percentage=80'] : [];
runInForeground(pinnedNode, [...limits, `${root}/dist/cli/main.mjs`, ...args]);
