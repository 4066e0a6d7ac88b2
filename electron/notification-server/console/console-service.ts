import type { AgentService } from '../agents/agent-service.ts';
import type { ClosingStack } from '../closing-stack.ts';
import type { DemoFleetPort, FleetPort } from '../fleet-port.ts';
import type { ListenAddress } from '../http-listener.ts';
import { listen } from '../http-listener.ts';
import { Backups } from '../operation/backup.ts';
import { EventLoopDelay } from '../operation/event-loop-delay.ts';
import { metricsText } from '../operation/metrics.ts';
import { serverMetrics } from '../operation/server-metrics.ts';
import { HashThread } from '../packages/hash-thread.ts';
import { PackageImports } from '../packages/package-imports.ts';
import type { ServerState } from '../server-state.ts';
import { SimulationJobs } from '../simulations/simulation-jobs.ts';
import { ConsoleFeed } from './console-feed.ts';
import type { HandlerParts } from './console-handler.ts';
import { createConsoleListener } from './console-listener.ts';
import { OrganisationViews } from './organisation-views.ts';
import { startPeopleService } from './people-service.ts';
import { topicReader } from './topic-reader.ts';
import { WatchKeeper } from './watch-keeper.ts';

export interface ConsoleServiceOptions {
  readonly consoleListen: ListenAddress;
  readonly rendererFolder: string | null;
  readonly hashWorkerPath: string;
  readonly simWorkerPath: string;
  readonly productVersion: string;
  readonly importFolder?: string | null;
  readonly passwordCost?: number;
}

export interface ConsoleService {
  readonly consoleUrl: string;
  readonly apiToken: string;
  makeSignInLink(): string;
  setFleet(fleet: FleetPort | null, demoFleet?: DemoFleetPort): void;
}

/** Everything that people look at and change: the console's interface, its feed, its pages, and imports. */
export async function startConsoleService(
  state: ServerState,
  agents: AgentService,
  options: ConsoleServiceOptions,
  closing: ClosingStack,
): Promise<ConsoleService> {
  const { organisation, directory, logger } = state;
  const people = await startPeopleService(state, options.passwordCost, closing);
  const thread = new HashThread(options.hashWorkerPath);
  const imports = new PackageImports({
    ...state,
    thread,
    logError: (error, sentence) => logger.error({ error }, sentence),
  });
  closing.add('imports', () => imports.stop());
  const simulations = new SimulationJobs({ workerFile: options.simWorkerPath, now: state.now });
  closing.add('simulations', () => simulations.stop());
  const fleet = new FleetSlot();
  const views = new OrganisationViews(state, agents.feeds);
  const backups = new Backups({
    ...state,
    serverId: state.identity.serverId,
    productVersion: options.productVersion,
    packages: () => organisation.packages,
  });
  closing.add('a backup', () => backups.finished());
  const eventLoop = new EventLoopDelay();
  eventLoop.start();
  closing.add('the watch of the event loop', () => eventLoop.stop());
  const { importFolder = null } = options;
  const parts: HandlerParts = {
    ...state,
    ...options,
    ...agents,
    importFolder,
    imports,
    simulations,
    backups,
    eventLoop,
    views,
    fleet: () => fleet.port,
    demoFleet: () => fleet.demo,
  };
  const feed = new ConsoleFeed(
    topicReader(parts, (agentId) => agents.feedEvents.diagnosticsOf(agentId)),
    () => watch.renew(),
    (error) => logger.error({ error }, 'a topic of the console could not be computed'),
  );
  const watch = new WatchKeeper(agents.feeds, () => feed.topics());
  closing.add('the feed of the console', () => {
    watch.stop();
    feed.stop();
    fleet.set(null);
  });
  const countsChanged = (): void => {
    views.invalidate();
    feed.changed(({ topic }) => topic !== 'imports' && topic !== 'fleet');
  };
  organisation.onChange(countsChanged);
  directory.onChange(countsChanged);
  state.deliveries.onChange(countsChanged);
  imports.onChange(() => feed.changed(({ topic }) => topic === 'imports'));
  fleet.onChange(() => feed.changed(({ topic }) => topic === 'fleet'));
  agents.feedEvents.onConnected((record) => watch.agentCame(record));
  agents.feedEvents.onDiagnostics((agentId) =>
    feed.changed((topic) => topic.topic === 'agent' && topic.agentId === agentId),
  );

  let port = 0;
  const consoleUrl = (): string => `http://127.0.0.1:${port}`;
  const makeSignInLink = (): string => `${consoleUrl()}/sign-in#token=${people.sessions.makeLinkToken()}`;
  const listener = await createConsoleListener({
    parts,
    // Cookies do not know ports: two servers on one computer would sign each other out.
    who: { ...people, cookieName: () => `fanout-${port}`, makeSignInLink },
    feed,
    metrics: () => metricsText(serverMetrics(parts, eventLoop)),
    rendererFolder: options.rendererFolder,
    allowedHosts: () => new Set([`127.0.0.1:${port}`, `localhost:${port}`]),
  });
  closing.add('the listener of the console', () => listener.close());
  port = await listen(listener, options.consoleListen, 'the console', state.logger);
  return {
    consoleUrl: consoleUrl(),
    apiToken: people.callers.apiToken,
    makeSignInLink,
    setFleet: (next, demo) => fleet.set(next, demo),
  };
}

/** The embedded fleet comes after the server and may go before it. */
class FleetSlot {
  #port: FleetPort | null = null;
  #demo: DemoFleetPort | null = null;
  #unsubscribe: readonly (() => void)[] = [];
  #listener: () => void = () => undefined;

  get port(): FleetPort | null {
    return this.#port;
  }

  get demo(): DemoFleetPort | null {
    return this.#demo;
  }

  onChange(listener: () => void): void {
    this.#listener = listener;
  }

  set(port: FleetPort | null, demo: DemoFleetPort | null = null): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#port = port;
    this.#demo = demo;
    const changed = () => this.#listener();
    this.#unsubscribe = [port, demo].flatMap((part) => part?.onChange(changed) ?? []);
    this.#listener();
  }
}
