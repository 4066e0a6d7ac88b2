import type { AgentFeeds } from './agents/agent-feeds.ts';
import type { EventIntake } from './agents/event-intake.ts';
import type { GroupKeyRotation } from './agents/group-key-rotation.ts';
import type { Revocation } from './agents/revocation.ts';
import type { DemoFleetPort, FleetPort } from './fleet-port.ts';
import type { JoinTokens } from './identity/join-tokens.ts';
import type { Backups } from './operation/backup.ts';
import type { EventLoopDelay } from './operation/event-loop-delay.ts';
import type { BlockAnswers } from './packages/block-answers.ts';
import type { ContentAnswers } from './packages/content-answers.ts';
import type { ContentIndex } from './packages/content-index.ts';
import type { CopyVerifications } from './packages/copy-verifications.ts';
import type { PackageImports } from './packages/package-imports.ts';
import type { ServerState } from './server-state.ts';
import type { SimulationJobs } from './simulations/simulation-jobs.ts';

/** What the console's side works with. */
export interface ServerParts extends ServerState {
  readonly feeds: AgentFeeds;
  readonly imports: PackageImports;
  readonly blocks: BlockAnswers;
  readonly files: ContentIndex;
  readonly contents: ContentAnswers;
  readonly verifications: CopyVerifications;
  readonly simulations: SimulationJobs;
  readonly events: EventIntake;
  readonly backups: Backups;
  readonly eventLoop: EventLoopDelay;
  /** Whether agents can connect. */
  readonly isListening: () => boolean;
  readonly tokens: JoinTokens;
  readonly rotation: GroupKeyRotation;
  readonly revocation: Revocation;
  /** Online agents whose configuration is another one now are told. */
  readonly pushConfigurations: () => void;
  readonly productVersion: string;
  /** Below it are what manifests of channels may name as sources; null = they may name none. */
  readonly importFolder: string | null;
  readonly agentUrl: string;
  /** Null while no embedded fleet is there. */
  readonly fleet: () => FleetPort | null;
  /** Null where this server starts no demo fleet by itself. */
  readonly demoFleet: () => DemoFleetPort | null;
}
