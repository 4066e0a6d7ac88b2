import { mkdir } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { ServerId } from '../../shared/base/ids.ts';
import type { PostgresAddress } from '../database/postgres/postgres-address.ts';
import type { AgentService } from './agents/agent-service.ts';
import { startAgentService } from './agents/agent-service.ts';
import { ClosingStack } from './closing-stack.ts';
import { refuseWithoutTls } from './console/console-listener.ts';
import { startConsoleService } from './console/console-service.ts';
import type { DemoFleetPort, FleetPort } from './fleet-port.ts';
import type { ListenAddress } from './http-listener.ts';
import type { CertificateTimes } from './identity/certificate-authority.ts';
import { ServerLock } from './server-lock.ts';
import type { ServerState } from './server-state.ts';
import { openServerState } from './server-state.ts';
import { startUpkeep } from './upkeep.ts';

export interface NotificationServerOptions {
  /** Database, identity, packages and server.json. Created where it is missing. */
  readonly dataFolder: string;
  /** By default the embedded one in the data folder. */
  readonly postgres?: PostgresAddress | null;
  /** Port 0 = any free one. */
  readonly agentListen: ListenAddress;
  /** 127.0.0.1 only: another address would need TLS. */
  readonly consoleListen: ListenAddress;
  /** hash-worker, bundled or as source. */
  readonly hashWorkerPath: string;
  /** sim-worker, bundled or as source. */
  readonly simWorkerPath: string;
  /** The built console; null = the interface alone. */
  readonly rendererFolder: string | null;
  readonly productVersion: string;
  /** Files and folders below it can be named by manifests of channels; by default none can. */
  readonly importFolder?: string | null;
  readonly logger: Logger;
  /** Under which name or address agents reach `agentListen`; by default the address itself, or this computer's. */
  readonly agentUrlHost?: string;
  /** How many blocks are sent at a time; for tests. */
  readonly maximumBlockAnswers?: number;
  /** 30 days from 24 h before; for tests. */
  readonly agentCertificateTimes?: CertificateTimes;
  /** How long agents have to take over a group key, 5 s; for tests. */
  readonly groupKeySettleMs?: number;
  /** scrypt's cost for new passwords, 2^15; for tests. */
  readonly passwordCost?: number;
}

export interface RunningNotificationServer {
  readonly serverId: ServerId;
  /** `https://host:port` */
  readonly agentUrl: string;
  /** `http://127.0.0.1:port` */
  readonly consoleUrl: string;
  /** Bearer token with the administrator role, for programs on this computer. */
  readonly apiToken: string;
  /** `<consoleUrl>/sign-in#token=…`, valid once within 10 minutes: the page posts the token to `/api/v1/session`. */
  makeSignInLink(): string;
  /** Lets any number of agents enrol within 24 hours. */
  makeJoinToken(): Promise<string>;
  /** Resolves with a sentence when it cannot go on, because another server has its database: it has to be stopped. */
  readonly failed: Promise<string>;
  /** What the Fleet page shows; null = no embedded fleet. `demoFleet`: how a person starts it from the console. */
  setFleet(fleet: FleetPort | null, demoFleet?: DemoFleetPort): void;
  /** Refuses what is new, finishes commits, closes, removes server.json. Bounded; a second call waits for the first. */
  stop(): Promise<void>;
}

const hourMs = 60 * 60 * 1000;

/**
 * Starts the server; throws `StartError` with a sentence where a port, an address or the data folder is taken. What was
 * opened is closed again where a later step fails. The order: lock, what is stored, agents, console; stop goes backwards.
 */
export async function startNotificationServer(options: NotificationServerOptions): Promise<RunningNotificationServer> {
  refuseWithoutTls(options.consoleListen);
  const closing = new ClosingStack(options.logger);
  try {
    return await start(options, closing);
  } catch (error) {
    await closing.closeAll();
    throw error;
  }
}

async function start(options: NotificationServerOptions, closing: ClosingStack): Promise<RunningNotificationServer> {
  const { dataFolder, logger } = options;
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const lock = await ServerLock.take(dataFolder);
  closing.add('server.json', () => lock.release());
  const state = await openServerState(dataFolder, options.postgres ?? null, logger, closing);
  const agents = await startAgentService(state, options, closing);
  const console = await startConsoleService(state, agents, options, closing);
  const failed = new Promise<string>((resolve) => {
    state.access.onTakenOver(({ message }) => {
      logger.fatal(message);
      resolve(message);
    });
  });
  closing.add('upkeep', startServerUpkeep(state, agents));
  const { agentUrl } = agents;
  const { consoleUrl, apiToken } = console;
  await lock.publish({ pid: process.pid, startedAtMs: state.now(), consoleUrl, agentUrl, apiToken });
  let stopped: Promise<void> | null = null;
  return {
    serverId: state.identity.serverId,
    agentUrl,
    consoleUrl,
    apiToken,
    makeSignInLink: () => console.makeSignInLink(),
    makeJoinToken: async () => (await agents.tokens.make(state.now(), 'Fanout')).joinToken,
    failed,
    setFleet: (fleet, demoFleet) => console.setFleet(fleet, demoFleet),
    stop: () => {
      stopped ??= closing.closeAll();
      return stopped;
    },
  };
}

function startServerUpkeep(
  { sent, buckets, directory, organisation, writes, deliveries, channelRoles, logger }: ServerState,
  agents: AgentService,
) {
  return startUpkeep(
    [
      { what: 'write counted bytes', everyMs: 1000, run: () => sent.writeTo(writes) },
      { what: 'bring what was counted into the statistics', everyMs: 5000, run: () => buckets.fold() },
      { what: 'remove statistics that are too old', everyMs: 60_000, run: () => buckets.removeOld() },
      { what: 'read again what could not be read', everyMs: 1000, run: () => organisation.reloadStale() },
      { what: 'write when agents were seen', everyMs: 30_000, run: () => directory.writeSeen(writes) },
      { what: 'begin the stages of deliveries that are due', everyMs: 250, run: () => deliveries.followTime() },
      { what: 'share the limits of sites', everyMs: 1000, run: async () => agents.sharedLimits.tick() },
      { what: 'tell Package Servers what has expired', everyMs: 1000, run: async () => channelRoles.followTime() },
      { what: 'renew the certificate', everyMs: hourMs, run: () => agents.renewCertificate() },
      { what: 'rotate the group keys', everyMs: 1000, run: () => agents.rotation.rotateIfDue() },
    ],
    logger,
  );
}
