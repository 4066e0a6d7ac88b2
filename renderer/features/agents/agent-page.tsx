import {
  Button,
  Link,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Tab,
  TabList,
} from '@fluentui/react-components';
import {
  ArrowDownloadRegular,
  ArrowRepeatAllRegular,
  ArrowSyncRegular,
  PauseRegular,
  PlayRegular,
} from '@fluentui/react-icons';
import { useEffect, useState } from 'react';
import { type AgentId, isAgentId } from '../../../shared/base/ids.ts';
import type { AgentDetail } from '../../../shared/contracts/console-api.ts';
import type { AgentDiagnostics } from '../../../shared/contracts/diagnostics.ts';
import { callConsole, messageOf } from '../../api/console-client.ts';
import type { PageProps } from '../../app/pages.tsx';
import { saveFile } from '../../components/csv.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { useAgentTopic } from '../../components/hooks.ts';
import { Page } from '../../components/page.tsx';
import { Position } from '../../components/position.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { OnlineMark } from '../../components/state-mark.tsx';
import { useMay } from '../../components/use-answer.ts';
import { Waiting } from '../../components/waiting.tsx';
import type { FeedState } from '../../stores/feed-store.ts';
import { notify } from '../../stores/notice-store.ts';
import { replacePath } from '../../stores/route-store.ts';
import { type AgentTab, agentPath, agentTabs } from './agent-paths.ts';
import { EffectiveSettings } from './effective-settings.tsx';
import { PeerDownloading } from './peer-downloading.tsx';
import { StoredDetail } from './stored-detail.tsx';
import { supportCaseOf } from './support-case.ts';

const tabWords: Record<AgentTab, string> = { 'peer-downloading': 'Peer Downloading', settings: 'Settings' };

const useStyles = makeStyles({
  facts: { display: 'flex', flexWrap: 'wrap', gap: '0 16px', alignItems: 'center' },
  crumbs: { marginLeft: '-8px' },
  tabs: { marginLeft: '-10px' },
});

export function AgentPage({ parameters }: PageProps) {
  const agentId = parameters.agentId ?? '';
  if (!isAgentId(agentId)) return <UnknownAgent message="The address holds no agent id." />;
  return (
    <KnownAgent
      key={agentId}
      agentId={agentId}
      tab={agentTabs.find((tab) => tab === parameters.tab) ?? 'peer-downloading'}
    />
  );
}

function UnknownAgent({ message }: { message: string }) {
  return (
    <EmptyState title="This agent cannot be shown" titleAs="h1" action={<Link href="#/agents">All agents</Link>}>
      {message}
    </EmptyState>
  );
}

function KnownAgent({ agentId, tab }: { agentId: AgentId; tab: AgentTab }) {
  const live = useAgentTopic(agentId);
  const refusal = useRefusal(agentId, live === null);
  // While paused the page keeps what it showed, so that a moving table can be read.
  const [paused, setPaused] = useState<FeedState['agent']>(null);
  const shown = paused ?? live;
  if (shown === null) {
    return refusal === null ? <Waiting label="Waiting for the agent" /> : <UnknownAgent message={refusal} />;
  }
  return (
    <AgentContent
      shown={shown}
      tab={tab}
      isPaused={paused !== null}
      onPause={() => setPaused(paused === null ? live : null)}
    />
  );
}

/** The feed says nothing of an agent that does not exist: one request tells why. */
function useRefusal(agentId: AgentId, isWaiting: boolean): string | null {
  const [refusal, setRefusal] = useState<string | null>(null);
  useEffect(() => {
    if (!isWaiting) return;
    let isWanted = true;
    callConsole('agent', { params: { agentId } }).catch((error: unknown) => {
      if (isWanted) setRefusal(messageOf(error));
    });
    return () => {
      isWanted = false;
    };
  }, [agentId, isWaiting]);
  return refusal;
}

interface AgentContentProps {
  readonly shown: NonNullable<FeedState['agent']>;
  readonly tab: AgentTab;
  readonly isPaused: boolean;
  readonly onPause: () => void;
}

function AgentContent({ shown, tab, isPaused, onPause }: AgentContentProps) {
  const styles = useStyles();
  const { detail, diagnostics } = shown;
  const mayAskToReport = useMay('reportNow');
  const mayRetry = useMay('retryNow');
  return (
    <Page
      title={detail.name}
      above={<Position list="Agents" path="/agents" name={detail.name} />}
      description={<Facts detail={detail} />}
      actions={
        <>
          <Button
            icon={isPaused ? <PlayRegular /> : <PauseRegular />}
            appearance={isPaused ? 'primary' : 'secondary'}
            onClick={onPause}
            disabled={!detail.online && !isPaused}
          >
            {isPaused ? 'Resume' : 'Pause'}
          </Button>
          {mayAskToReport && (
            <Button icon={<ArrowSyncRegular />} disabled={!detail.online} onClick={() => void reportNow(detail)}>
              Report now
            </Button>
          )}
          {mayRetry && (
            <Button icon={<ArrowRepeatAllRegular />} disabled={!detail.online} onClick={() => void retryNow(detail)}>
              Retry
            </Button>
          )}
          <Button
            icon={<ArrowDownloadRegular />}
            title="Everything on this page as one JSON file, for a support case"
            onClick={() => void exportSupportCase(detail, diagnostics)}
          >
            Export
          </Button>
        </>
      }
    >
      <TabList
        className={styles.tabs}
        selectedValue={tab}
        onTabSelect={(_event, data) => {
          const next = agentTabs.find((candidate) => candidate === data.value);
          if (next !== undefined) replacePath(agentPath(detail.agentId, next));
        }}
      >
        {agentTabs.map((id) => (
          <Tab key={id} value={id}>
            {tabWords[id]}
          </Tab>
        ))}
      </TabList>
      {tab === 'settings' && <EffectiveSettings detail={detail} />}
      {tab === 'peer-downloading' && diagnostics !== null && <PeerDownloading diagnostics={diagnostics} />}
      {tab === 'peer-downloading' && diagnostics === null && (
        <>
          <AbsentNote detail={detail} />
          <StoredDetail detail={detail} />
        </>
      )}
    </Page>
  );
}

function Facts({ detail }: { detail: AgentDetail }) {
  const styles = useStyles();
  return (
    <span className={styles.facts}>
      <OnlineMark isOnline={detail.online} />
      <span>{detail.address}</span>
      <span>{detail.siteName ?? 'Unassigned site'}</span>
      <span>
        Policy <Link href={`#/settings/targeted-agent-settings/${detail.policy.id}`}>{detail.policy.name}</Link>
      </span>
      <span>
        Last seen <RelativeTime atMs={detail.lastSeenMs} />
      </span>
      <span>Version {detail.productVersion}</span>
    </span>
  );
}

function AbsentNote({ detail }: { detail: AgentDetail }) {
  return (
    <MessageBar intent={detail.online ? 'info' : 'warning'} layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>
          {detail.online ? 'Waiting for the agent’s own report' : 'This agent is offline'}
        </MessageBarTitle>
        {detail.online
          ? 'Until it arrives you see what the Notification Server has stored.'
          : 'You see what the Notification Server has stored; peers, live transfers and the journal are known to the agent only.'}
      </MessageBarBody>
    </MessageBar>
  );
}

async function retryNow(detail: AgentDetail): Promise<void> {
  try {
    await callConsole('retryNow', { params: { agentId: detail.agentId } });
    notify('success', `${detail.name} tries again what failed there.`);
  } catch (error) {
    notify('error', messageOf(error));
  }
}

async function reportNow(detail: AgentDetail): Promise<void> {
  try {
    await callConsole('reportNow', { params: { agentId: detail.agentId } });
    notify('success', `${detail.name} was asked to report now.`);
  } catch (error) {
    notify('error', messageOf(error));
  }
}

async function exportSupportCase(detail: AgentDetail, diagnostics: AgentDiagnostics | null): Promise<void> {
  try {
    const supportCase = await supportCaseOf(detail, diagnostics, Date.now());
    const time = new Date(supportCase.madeAtMs).toISOString().slice(0, 19).replaceAll(':', '-');
    const content = new Blob([JSON.stringify(supportCase, null, 2)], { type: 'application/json' });
    saveFile(`${detail.name}-${time}.json`, content);
  } catch (error) {
    notify('error', `Nothing was exported. ${messageOf(error)}`);
  }
}
