import type { Delivery } from '../../../shared/contracts/deliveries-api.ts';
import type { DemoReport } from '../../../shared/contracts/demo-report.ts';
import type { DemoPackage } from '../../fleet/demo-setup.ts';
import { deliverTo, importPackage, pause, planTarget, setUpPolicyAndSites } from '../../fleet/demo-setup.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure, exitCodes } from '../exit-codes.ts';
import { formatBytes } from '../text-format.ts';
import { verifyInOtherProcess } from './copy-verifier.ts';
import type { DemoOptions } from './demo-options.ts';
import { timeoutSecondsOf } from './demo-options.ts';
import type { DemoStage } from './demo-stage.ts';
import { blockJournalOf, copiesOf, withDemoStage } from './demo-stage.ts';
import { killFirstDownloaders } from './first-downloader-killer.ts';

/** Between two looks at the delivery: the error of `seconds`, on the slow side. */
const pollMs = 50;
/** Processes start one after the other on two cores; an agent enrols in well under a second. */
const secondsPerAgentToStart = 2;
const secondsToStart = 30;
/** Agents count what they received every `eventInterval`; asked to report, they do it at once. */
const secondsToReport = 15;

/**
 * Runs the whole demo: a server and a fleet of its own, one delivery of the file, the measurement and the verification. What
 * goes wrong on the way becomes a sentence in `failures`; everything that was started is stopped and deleted in any case.
 */
export async function runDemo(options: DemoOptions, context: CommandContext): Promise<DemoReport> {
  const report: DemoReport = {
    agents: options.agents,
    ready: 0,
    packageBytes: options.fileBytes,
    seconds: 0,
    directBytes: 0,
    peerBytes: 0,
    wanCopiesPerSubnet: [],
    verified: false,
    killed: [],
    failures: [],
  };
  const timeoutSeconds = options.timeoutSeconds ?? timeoutSecondsOf(options);
  const deadline = AbortSignal.timeout(timeoutSeconds * 1000);
  const signal = AbortSignal.any([context.interrupt, deadline]);
  try {
    await withDemoStage(options, context, (stage) => play(stage, options, context, signal, report));
  } catch (error) {
    if (context.interrupt.aborted) throw new CommandFailure(exitCodes.interrupted, 'Interrupted.');
    report.failures.push(
      deadline.aborted
        ? `Not finished after ${timeoutSeconds} s: ${report.ready} of ${report.agents} agents were ready. Allow more with --timeout.`
        : error instanceof Error
          ? error.message
          : String(error),
    );
  }
  return report;
}

async function play(
  stage: DemoStage,
  options: DemoOptions,
  context: CommandContext,
  signal: AbortSignal,
  report: DemoReport,
): Promise<void> {
  const demoPackage = await prepare(stage, options, context, signal);
  const startedAtMs = performance.now();
  const killsEnd = new AbortController();
  const kills =
    options.killAtPercent === null
      ? Promise.resolve([])
      : killFirstDownloaders({
          console: stage.console,
          fleet: stage.fleet,
          plan: stage.plan,
          packageBytes: options.fileBytes,
          atPercent: options.killAtPercent,
          startedAtMs,
          journalOf: (agentName) => blockJournalOf(stage, agentName, demoPackage),
          note: context.note,
          signal: AbortSignal.any([signal, killsEnd.signal]),
        });
  const delivery = await deliverTo(stage.console, demoPackage, planTarget(stage.plan));
  try {
    await waitUntilReady(stage, delivery, options, context, signal, report);
    report.seconds = round((performance.now() - startedAtMs) / 1000);
  } finally {
    killsEnd.abort();
    report.killed = await kills;
    await measure(stage, demoPackage, options, signal, report);
  }
  if (options.killAtPercent !== null && report.killed.length < options.subnets) {
    report.failures.push(
      `Only ${report.killed.length} of ${options.subnets} first downloaders were killed: the package was too small or too fast for ${options.killAtPercent} %.`,
    );
  }
  if (report.ready === report.agents) await verify(stage, demoPackage, options, context, signal, report);
}

/** Server, policy, sites, package and agents stand when this resolves; nothing is delivered yet. */
async function prepare(
  stage: DemoStage,
  options: DemoOptions,
  context: CommandContext,
  signal: AbortSignal,
): Promise<DemoPackage> {
  context.note(
    `${options.agents} agents in ${options.subnets} subnets, ${formatBytes(options.fileBytes)}. Console: ${stage.signInLink}`,
  );
  await setUpPolicyAndSites(stage.console, stage.plan, 'Demo');
  const { joinToken, serverUrl } = await stage.console.call('joinToken', {});
  stage.fleet.start(stage.plan, { serverUrl, joinToken, dataFolder: stage.agentsFolder });
  const [demoPackage] = await Promise.all([
    importPackage(stage.console, {
      path: options.file,
      onProgress: (job) =>
        context.progress.show(
          job.doneBytes / options.fileBytes,
          `importing ${formatBytes(job.doneBytes)} of ${formatBytes(options.fileBytes)}`,
        ),
      signal,
    }),
    waitUntilOnline(stage, options, signal),
  ]);
  return demoPackage;
}

async function waitUntilOnline(stage: DemoStage, options: DemoOptions, signal: AbortSignal): Promise<void> {
  const seconds = secondsToStart + secondsPerAgentToStart * options.agents;
  const deadlineMs = performance.now() + seconds * 1000;
  for (;;) {
    const failed = stage.fleet.status().agents.find((agent) => agent.state === 'failed');
    if (failed !== undefined) throw new Error(`Agent ${failed.name} cannot run: ${failed.detail}`);
    const agents = await stage.console.call('agents', {});
    if (agents.filter((agent) => agent.online).length >= options.agents) return;
    if (performance.now() > deadlineMs) {
      const waiting = stage.fleet.status().agents.find((agent) => agent.state !== 'running');
      throw new Error(
        `After ${seconds} s only ${agents.length} of ${options.agents} agents are online. ${waiting === undefined ? '' : `${waiting.name}: ${waiting.detail || waiting.state}`}`,
      );
    }
    await pause(pollMs, signal);
  }
}

async function waitUntilReady(
  stage: DemoStage,
  made: Delivery,
  options: DemoOptions,
  context: CommandContext,
  signal: AbortSignal,
  report: DemoReport,
): Promise<void> {
  for (;;) {
    const delivery = (await stage.console.call('deliveries', {})).find((candidate) => candidate.id === made.id);
    if (delivery === undefined) throw new Error('The server no longer knows the delivery.');
    report.ready = delivery.ready;
    if (delivery.ready >= options.agents) return;
    context.progress.show(
      delivery.ready / options.agents,
      `${delivery.ready} of ${options.agents} agents ready, ${delivery.downloading} downloading`,
    );
    await pause(pollMs, signal);
  }
}

/** Takes the counters of the server, after the agents have told what they got from peers. */
async function measure(
  stage: DemoStage,
  demoPackage: DemoPackage,
  options: DemoOptions,
  signal: AbortSignal,
  report: DemoReport,
): Promise<void> {
  const agents = await stage.console.call('agents', {});
  for (const agent of agents) {
    if (agent.online) await stage.console.call('reportNow', { params: { agentId: agent.agentId } });
  }
  // Every agent holds every byte when all are ready, so the sum cannot be less once all have told.
  const expectedBytes = report.ready * options.fileBytes;
  const deadlineMs = performance.now() + secondsToReport * 1000;
  for (;;) {
    const overview = await stage.console.call('overview', {});
    report.directBytes = overview.directBytes;
    report.peerBytes = overview.peerBytes;
    report.wanCopiesPerSubnet = stage.plan.subnets.map(({ subnet }) => {
      const line = overview.wanCopies.find((entry) => entry.subnet === subnet && entry.version === demoPackage.version);
      return line === undefined ? 0 : line.wanBytes / options.fileBytes;
    });
    const isToldByAll = overview.directBytes + overview.peerBytes >= expectedBytes;
    if (isToldByAll || signal.aborted || performance.now() > deadlineMs) return;
    await pause(pollMs);
  }
}

async function verify(
  stage: DemoStage,
  demoPackage: DemoPackage,
  options: DemoOptions,
  context: CommandContext,
  signal: AbortSignal,
  report: DemoReport,
): Promise<void> {
  context.progress.show(1, 'another process reads every copy again');
  const copies = copiesOf(stage, demoPackage, options.file);
  const answer = await verifyInOtherProcess(options.cliEntry, { source: options.file, copies }, signal);
  for (const { copy, problem } of answer.problems)
    report.failures.push(`The copy ${copy} is not the source: ${problem}.`);
  report.verified = answer.problems.length === 0 && answer.verified === options.agents;
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
