import { Link } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import type { Delivery } from '../../../shared/contracts/deliveries-api.ts';
import type { PageProps } from '../../app/pages.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Facts } from '../../components/facts.tsx';
import { formatExactTime } from '../../components/format.ts';
import { useTopic } from '../../components/hooks.ts';
import { Page, Section } from '../../components/page.tsx';
import { Position } from '../../components/position.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { Waiting } from '../../components/waiting.tsx';
import { priorityWords } from '../../components/words.ts';
import { packagePath } from '../packages/package-paths.ts';
import { DeliveryActions } from './delivery-actions.tsx';
import { DeliveryAgents } from './delivery-agents.tsx';
import { StatusMark } from './delivery-marks.tsx';
import { commandWords, momentWords, scheduleWords, stagesWords, windowsWords } from './delivery-words.ts';
import { PenetrationSection } from './penetration-section.tsx';
import { StageList } from './stage-list.tsx';

export function DeliveryPage({ parameters }: PageProps) {
  const deliveries = useTopic('deliveries');
  if (deliveries === null) return <Waiting label="Waiting for the delivery" />;
  const delivery = deliveries.find(({ id }) => id === parameters.id);
  if (delivery === undefined) {
    return (
      <EmptyState
        title="There is no such delivery"
        titleAs="h1"
        action={<Link href="#/deliveries">All deliveries</Link>}
      >
        It may have been of a package that was removed from the library.
      </EmptyState>
    );
  }
  const title = `${delivery.packageName} ${delivery.version}`;
  return (
    <Page
      title={title}
      above={<Position list="Deliveries" path="/deliveries" name={title} />}
      description={
        <>
          <StatusMark status={delivery.status} /> · {stagesWords(delivery)} · made by {delivery.createdBy},{' '}
          <RelativeTime atMs={delivery.createdAtMs} />
        </>
      }
      actions={<DeliveryActions delivery={delivery} />}
    >
      <Section title="Stages">
        <StageList delivery={delivery} />
      </Section>
      <DeliveryAgents delivery={delivery} />
      <PenetrationSection delivery={delivery} />
      <Section title="What was asked for">
        <Facts facts={factsOf(delivery)} />
      </Section>
    </Page>
  );
}

function factsOf(delivery: Delivery): readonly (readonly [string, ReactNode])[] {
  const { availableFromMs, deadlineMs, downloadWindows, installation, guid, version } = delivery;
  const overrides = [
    ...(delivery.ignoresTotalBlockouts ? ['gets through total blockouts'] : []),
    ...(delivery.ignoresSiteLimits ? ['ignores limits of sites'] : []),
  ];
  return [
    [
      'Package',
      <Link key="package" href={`#${packagePath(guid, version)}`}>
        {delivery.packageName} {version}
      </Link>,
    ],
    ['Priority', [priorityWords[delivery.priority], ...overrides].join(', ')],
    ['Available from', availableFromMs === null ? 'At once' : momentWords(availableFromMs)],
    ['Deadline', deadlineMs === null ? 'None' : momentWords(deadlineMs)],
    ['Download windows', downloadWindows.length === 0 ? 'At any time' : windowsWords(downloadWindows)],
    [
      'Installation',
      installation === null ? 'None: it is only brought' : capitalised(scheduleWords(installation.schedule)),
    ],
    ...(installation === null
      ? []
      : ([
          ['Command', installation.command === null ? 'None' : commandWords(installation.command)],
          ...(installation.command === null ? [] : ([['Tries', String(installation.tries)]] as const)),
          ['How long it takes', `${installation.durationSeconds} s`],
        ] as const)),
    ['Made', formatExactTime(delivery.createdAtMs)],
    ['Failed agents retried', delivery.round === 0 ? 'Never' : `${delivery.round} ×`],
    ['Id', delivery.id],
  ];
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
