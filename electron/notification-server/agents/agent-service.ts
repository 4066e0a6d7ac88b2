import { advertisedUrl } from '../advertised-url.ts';
import type { ClosingStack } from '../closing-stack.ts';
import type { ListenAddress } from '../http-listener.ts';
import { listen } from '../http-listener.ts';
import type { CertificateTimes } from '../identity/certificate-authority.ts';
import { JoinTokens } from '../identity/join-tokens.ts';
import { SharedLimits } from '../package-servers/shared-limits.ts';
import { BlockAnswers } from '../packages/block-answers.ts';
import { ContentAnswers } from '../packages/content-answers.ts';
import { ContentIndex } from '../packages/content-index.ts';
import { CopyVerifications } from '../packages/copy-verifications.ts';
import type { ServerState } from '../server-state.ts';
import { SiteLimits } from '../traffic/site-limits.ts';
import { AgentConfigurations } from './agent-configurations.ts';
import { AgentConnections } from './agent-connections.ts';
import type { AgentRecord } from './agent-directory.ts';
import { AgentFeeds } from './agent-feeds.ts';
import { createAgentListener } from './agent-listener.ts';
import { ClonedAgents } from './cloned-agents.ts';
import { ConfigurationPush } from './configuration-push.ts';
import { Enrolment } from './enrolment.ts';
import { EventIntake } from './event-intake.ts';
import { FeedEvents } from './feed-events.ts';
import { GroupKeyRotation } from './group-key-rotation.ts';
import { Revocation } from './revocation.ts';
import { SubnetHints } from './subnet-hints.ts';

export interface AgentServiceOptions {
  readonly agentListen: ListenAddress;
  readonly agentUrlHost?: string;
  readonly maximumBlockAnswers?: number;
  readonly agentCertificateTimes?: CertificateTimes;
  readonly groupKeySettleMs?: number;
}

export interface AgentService {
  readonly agentUrl: string;
  readonly feeds: AgentFeeds;
  readonly feedEvents: FeedEvents;
  readonly blocks: BlockAnswers;
  readonly files: ContentIndex;
  readonly contents: ContentAnswers;
  readonly verifications: CopyVerifications;
  readonly events: EventIntake;
  readonly isListening: () => boolean;
  readonly tokens: JoinTokens;
  readonly rotation: GroupKeyRotation;
  readonly revocation: Revocation;
  readonly sharedLimits: SharedLimits;
  /** What agents are configured with may be other now: online agents for whom it is are told. */
  pushConfigurations(): void;
  /** Uses a new certificate for new connections where half of the present one's time is over. */
  renewCertificate(): Promise<void>;
}

/** Everything that agents talk to: enrolment, configuration and its push, events, blocks at the speed of their site. */
export async function startAgentService(
  state: ServerState,
  options: AgentServiceOptions,
  closing: ClosingStack,
): Promise<AgentService> {
  const { identity, organisation, directory, resolver, statistics, writes, now } = state;
  const configurations = new AgentConfigurations(identity, organisation, resolver, state.packageServers);
  const feedEvents = new FeedEvents(directory, statistics, now);
  const feeds = new AgentFeeds(feedEvents);
  const push = new ConfigurationPush({
    etagOf: (record: AgentRecord) => configurations.etagOf(record),
    online: () => feeds.online(),
    send: (agentId, message) => feeds.send(agentId, message),
  });
  const blocks = new BlockAnswers(state.library, options.maximumBlockAnswers);
  const files = new ContentIndex(state.library);
  const contents = new ContentAnswers(state.library);
  const tokens = new JoinTokens(state.database, writes, identity.authority.keyHash);
  const connections = new AgentConnections();
  const rotation = new GroupKeyRotation({
    ...state,
    onlineCount: () => feeds.onlineCount,
    baseSettleMs: options.groupKeySettleMs,
  });
  const revocation = new Revocation({ ...state, feeds, connections, rotation });
  const clones = new ClonedAgents(writes, now, () => directory.changed());
  feedEvents.onBothAlive((...found) => clones.bothAlive(...found));
  const limits = new SiteLimits(now);
  closing.add('the hours of sites', () => limits.stop());
  limits.setSites(organisation.sites);
  directory.onChange((moved) => {
    if (moved !== null) push.agentChanged(moved);
  });
  feedEvents.onConnected((record) => push.agentChanged(record));

  const sharedLimits = new SharedLimits({ ...state, feeds, feedEvents, limits });
  organisation.onChange((part) => {
    if (part === 'sites') limits.setSites(organisation.sites);
    // Before anybody sends by the limit of before.
    if (part === 'sites' || part === 'package-servers') sharedLimits.tick();
    push.organisationChanged();
  });
  sharedLimits.tick();
  const verifications = new CopyVerifications({ ...state, send: (agentId, message) => feeds.send(agentId, message) });
  feedEvents.onCopyVerified(({ agentId }, { requestId, report, problem }) =>
    verifications.answered(agentId, requestId, report, problem),
  );
  feedEvents.onDisconnected(({ agentId }) => verifications.agentGone(agentId));

  const events = new EventIntake({ ...state, complained: (peer, key) => verifications.complained(peer, key) });
  let agentUrl = '';
  const listener = await createAgentListener({
    ...state,
    configurations,
    subnetHints: new SubnetHints({ directory, resolver, isOnline: ({ agentId }) => feeds.isOnline(agentId), now }),
    enrolment: new Enrolment(identity, tokens, directory, writes, options.agentCertificateTimes),
    events,
    feeds,
    connections,
    clones,
    blocks,
    files,
    contents,
    limits,
    agentUrl: () => agentUrl,
  });
  closing.add('the listener of agents', async () => {
    push.stop();
    feeds.stop();
    blocks.stop();
    contents.stop();
    await listener.close();
  });
  const port = await listen(listener, options.agentListen, 'the listener of agents', state.logger);
  agentUrl = advertisedUrl(options.agentUrlHost, options.agentListen.address, port);
  const renewCertificate = async (): Promise<void> => {
    if (await identity.renewIfDue(now())) listener.server.setSecureContext(identity.tlsCredentials);
  };
  return {
    agentUrl,
    feeds,
    feedEvents,
    blocks,
    files,
    contents,
    verifications,
    events,
    tokens,
    rotation,
    revocation,
    sharedLimits,
    isListening: () => listener.server.listening,
    pushConfigurations: () => push.organisationChanged(),
    renewCertificate,
  };
}
