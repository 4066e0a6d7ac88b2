import { Button, Link } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useCallback, useState } from 'react';
import type { DesktopDescription } from '../../../shared/contracts/desktop-bridge.ts';
import type { ServerStatus } from '../../../shared/contracts/operation-api.ts';
import { desktopBridge } from '../../api/desktop-bridge.ts';
import { AnswerView } from '../../components/answer-view.tsx';
import { Facts } from '../../components/facts.tsx';
import { formatBytes, formatMilliseconds, formatQuantity } from '../../components/format.ts';
import { Page, Section } from '../../components/page.tsx';
import { Tile, Tiles } from '../../components/tiles.tsx';
import { useAnswer, useMay } from '../../components/use-answer.ts';
import { useDesktopDeed } from '../../components/use-desktop-deed.ts';
import { databaseWords, uptimeWords } from './about-words.ts';
import { BackupDialog } from './backup-dialog.tsx';

const refreshMs = 2_000;

/** Which versions run, how the server does, and whose work is in it. */
export function AboutPage() {
  const answer = useAnswer('serverStatus', {}, { everyMs: refreshMs });
  const desktop = useQuery({
    queryKey: ['desktop'],
    queryFn: async () => (await desktopBridge?.describe()) ?? null,
    staleTime: Infinity,
  });
  const mayBackUp = useMay('startBackup');
  const [isBackingUp, setIsBackingUp] = useState(false);
  useDesktopDeed(
    'back-up',
    useCallback(() => setIsBackingUp(true), []),
  );
  return (
    <Page
      title="About"
      description="Which versions run here, and how the Notification Server does."
      actions={mayBackUp && <Button onClick={() => setIsBackingUp(true)}>Back up the server…</Button>}
    >
      <AnswerView answer={answer} label="Asking the Notification Server">
        {(status) => (
          <>
            <Versions status={status} desktop={desktop.data ?? null} />
            <Health status={status} />
          </>
        )}
      </AnswerView>
      <Section title="Licences">
        <div>
          Fanout is free software under the MIT licence. It is built with the work of others:{' '}
          <Link href="#/about/licences">Third-party licences</Link>
        </div>
      </Section>
      {isBackingUp && <BackupDialog onClose={() => setIsBackingUp(false)} />}
    </Page>
  );
}

function Versions({ status, desktop }: { status: ServerStatus; desktop: DesktopDescription | null }) {
  const { database } = status;
  const ofDesktop: readonly (readonly [string, ReactNode])[] =
    desktop === null
      ? []
      : [
          ['Electron', desktop.electronVersion],
          ['Chromium', desktop.chromiumVersion],
          [
            'Updates',
            <Link key="updates" href="#/desktop">
              Desktop application
            </Link>,
          ],
        ];
  return (
    <Section title="Versions">
      <Facts
        facts={[
          ['Fanout', status.productVersion],
          ...ofDesktop,
          ['Node.js of the server', status.nodeVersion],
          ['Database', databaseWords(database.kind, database.version)],
          ['Tables', database.schemaVersion],
          ['System of the server', status.system],
          ['Process', String(status.processId)],
          ['Data folder', status.dataFolder],
        ]}
      />
    </Section>
  );
}

function Health({ status }: { status: ServerStatus }) {
  const { overSeconds, p50Ms, p99Ms, maxMs } = status.eventLoopDelay;
  return (
    <Section
      title="The server’s process"
      hint={`How long what was due had to wait for the server, over the last ${formatQuantity(overSeconds, 'second')}: above 50 ms for one in a hundred, people and agents notice it.`}
    >
      <Tiles>
        <Tile label="Event-loop delay, median" value={formatMilliseconds(p50Ms)} detail="half of it is shorter" />
        <Tile label="Event-loop delay, p99" value={formatMilliseconds(p99Ms)} detail="one in a hundred is longer" />
        <Tile label="Event-loop delay, longest" value={formatMilliseconds(maxMs)} detail="the worst of that time" />
        <Tile label="Running for" value={uptimeWords(status.uptimeSeconds)} detail="since its process started" />
        <Tile label="Memory" value={formatBytes(status.memoryBytes)} detail="resident, of its process" />
      </Tiles>
    </Section>
  );
}
