#!/usr/bin/env node
/** The `fanout` command in a checkout (`npx fanout …`): brings what is missing, then runs the built command line. */
import process from 'node:process';
import { pinnedNode, root } from './checkout.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { runInForeground } from './foreground.mjs';
import { commandLineBundles, ensureBundles } from './fresh-bundles.mjs';

ensureDependencies();
ensureBundles(commandLineBundles);
runInForeground(pinnedNode, [`${root}/dist/cli/main.mjs`, ...process.argv.slice(2)]);
