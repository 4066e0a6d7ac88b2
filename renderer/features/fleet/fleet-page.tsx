import { Button, MessageBar, MessageBarBody, Spinner } from '@fluentui/react-components';
import { PlayRegular, StopRegular } from '@fluentui/react-icons';
import { useMemo, useState } from 'react';
import type { FleetStatus } from '../../../shared/contracts/fleet-api.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { CopyText } from '../../components/copy-text.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { formatQuantity } from '../../components/format.ts';
import { useTopic } from '../../components/hooks.ts';
import { Page } from '../../components/page.tsx';
import { useMay } from '../../components/use-answer.ts';
import { Waiting } from '../../components/waiting.tsx';
import { GuidedDemo } from '../guided-demo/guided-demo.tsx';
import { ActionBar } from './action-bar.tsx';
import { startDemoFleet, stopDemoFleet } from './fleet-deeds.ts';
import { fleetSubnets } from './fleet-rules.ts';
import { SubnetSection } from './subnet-section.tsx';
import { useRates } from './use-rates.ts';

export function FleetPage() {
  const fleet = useTopic('fleet');
  const isEmpty = fleet !== null && fleet.agents.length === 0;
  return (
    <Page
      title="Fleet"
      description="Agents inside the server’s own computer, each with an address of its own: for demonstrations and trials."
      actions={fleet !== null && !isEmpty && <DemoFleetButton fleet={fleet} />}
    >
      {fleet === null && <Waiting label="Waiting for the fleet" />}
      {fleet !== null && <DemoFleetWord fleet={fleet} />}
      {isEmpty && <NoFleet fleet={fleet} />}
      {fleet !== null && !isEmpty && <Subnets fleet={fleet} />}
    </Page>
  );
}

function Subnets({ fleet }: { fleet: FleetStatus }) {
  const agents = useTopic('agents');
  const packages = useTopic('packages') ?? [];
  const rates = useRates(agents);
  const mayAct = useMay('actOnFleetAgent');
  const [names, setNames] = useState<ReadonlySet<string>>(new Set());
  const summaries = useMemo(() => new Map((agents ?? []).map((agent) => [agent.agentId, agent])), [agents]);
  const rows = useMemo(() => fleetSubnets(fleet.subnets, fleet.agents), [fleet.subnets, fleet.agents]);
  const choose = (changed: readonly string[], areChosen: boolean) => {
    const next = new Set(names);
    for (const name of changed)
      if (areChosen) next.add(name);
      else next.delete(name);
    setNames(next);
  };
  return (
    <>
      {mayAct && <GuidedDemo fleet={fleet} />}
      {mayAct && (
        <ActionBar
          chosen={fleet.agents.filter(({ name }) => names.has(name))}
          all={fleet.agents}
          subnets={fleet.subnets}
          onClear={() => setNames(new Set())}
        />
      )}
      {rows.map((row) => (
        <SubnetSection
          key={row.subnet}
          row={row}
          summaries={summaries}
          rates={rates}
          packages={packages}
          chosen={names}
          {...(mayAct ? { onChoose: choose } : {})}
        />
      ))}
    </>
  );
}

/** While it starts or stops, and where it could not. */
function DemoFleetWord({ fleet: { demo } }: { fleet: FleetStatus }) {
  const isUnderWay = demo.phase === 'starting' || demo.phase === 'stopping';
  if (demo.message === '' || (!isUnderWay && !demo.isProblem)) return null;
  return (
    <MessageBar intent={demo.isProblem ? 'error' : 'info'} layout="multiline">
      <MessageBarBody>{demo.message}</MessageBarBody>
    </MessageBar>
  );
}

function DemoFleetButton({ fleet }: { fleet: FleetStatus }) {
  const mayStart = useMay('startDemoFleet');
  const [isAsking, setIsAsking] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const { available, phase } = fleet.demo;
  if (!mayStart || !available) return null;
  const isOff = phase === 'off';
  const carryOut = async () => {
    setIsBusy(true);
    await (isOff ? startDemoFleet() : stopDemoFleet());
    setIsBusy(false);
    setIsAsking(false);
  };
  return (
    <>
      <Button
        icon={isBusy ? <Spinner size="extra-tiny" /> : isOff ? <PlayRegular /> : <StopRegular />}
        appearance={isOff ? 'primary' : 'secondary'}
        disabled={isBusy || phase === 'stopping'}
        onClick={() => (isOff ? void carryOut() : setIsAsking(true))}
      >
        {isOff ? 'Start the demo fleet' : 'Stop the demo fleet'}
      </Button>
      <ConfirmDialog
        open={isAsking}
        title="Stop the demo fleet?"
        confirmLabel="Stop the fleet"
        isBusy={isBusy}
        onConfirm={() => void carryOut()}
        onCancel={() => setIsAsking(false)}
      >
        {formatQuantity(fleet.agents.length, 'agent')} of this computer take leave and stop; downloads under way stop
        with them. Their identities and packages stay for the next start.
      </ConfirmDialog>
    </>
  );
}

function NoFleet({ fleet }: { fleet: FleetStatus }) {
  const mayStart = useMay('startDemoFleet');
  if (fleet.demo.available && mayStart) {
    return (
      <EmptyState title="No agent lives in this computer" action={<DemoFleetButton fleet={fleet} />}>
        A demo fleet is 12 agents in 3 subnets, on loopback addresses of this computer: nothing is sent to the network.
        It has a policy and sites of its own; all else stays as it is.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title="No agent lives in this computer"
      action={<CopyText text="npx fanout serve --demo-fleet" noun="command" />}
    >
      {fleet.demo.available
        ? 'An administrator can start a demo fleet here. Agents of other computers are on the Agents page.'
        : 'This server was started without a demo fleet. Stop it and start it by this command to have one; agents of other computers are on the Agents page.'}
    </EmptyState>
  );
}
