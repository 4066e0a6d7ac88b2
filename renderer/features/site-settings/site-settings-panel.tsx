import { Button, MessageBar, MessageBarBody, makeStyles, Text, Tooltip } from '@fluentui/react-components';
import { ArrowDownRegular, ArrowUpRegular, DeleteRegular, EditRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import type { SiteSettingsRule } from '../../../shared/contracts/site-settings.ts';
import { answers, askAgain, questionOf } from '../../api/answers.ts';
import { changeConsole, messageOf } from '../../api/console-client.ts';
import { notifyChange } from '../../api/undo.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Facts } from '../../components/facts.tsx';
import { formatQuantity } from '../../components/format.ts';
import { useTopic } from '../../components/hooks.ts';
import { RelativeTime } from '../../components/relative-time.tsx';
import { SidePanel } from '../../components/side-panel.tsx';
import { useMay } from '../../components/use-answer.ts';
import { notify } from '../../stores/notice-store.ts';
import { navigate } from '../../stores/route-store.ts';
import { movedBy, placeWords } from '../settings/policy-order.ts';
import { SiteSettingsDialog } from './site-settings-dialog.tsx';
import { deletionWords, outboundWords, siteTargetWords } from './site-settings-form.ts';
import { siteSettingsPage } from './site-settings-paths.ts';

const useStyles = makeStyles({
  body: { display: 'flex', flexDirection: 'column', rowGap: '16px' },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: '8px' },
});

interface SiteSettingsPanelProps {
  /** Undefined: what the address names is not there. */
  readonly rule: SiteSettingsRule | undefined;
  /** All in their order. */
  readonly rules: readonly SiteSettingsRule[];
  readonly onClose: () => void;
}

export function SiteSettingsPanel({ rule, rules, onClose }: SiteSettingsPanelProps) {
  if (rule === undefined) {
    return (
      <SidePanel title="No such rule" onClose={onClose}>
        <Text>There are no site settings at this address. Somebody may have deleted them.</Text>
      </SidePanel>
    );
  }
  return (
    <SidePanel title={rule.name} onClose={onClose} footer={<Actions rule={rule} rules={rules} />}>
      <Details rule={rule} count={rules.length} />
    </SidePanel>
  );
}

function Details({ rule, count }: { rule: SiteSettingsRule; count: number }) {
  const styles = useStyles();
  const sites = useTopic('sites') ?? [];
  const { settings } = rule;
  const source = (isPrevented: boolean) => (isPrevented ? 'Prevented' : 'Allowed');
  return (
    <div className={styles.body}>
      {rule.warnings.map((warning) => (
        <MessageBar key={warning} intent="warning" layout="multiline">
          <MessageBarBody>{warning}</MessageBarBody>
        </MessageBar>
      ))}
      <Facts
        facts={[
          ['Priority', `${rule.priority} of ${count}`],
          ['Holds for', siteTargetWords(rule.target, sites)],
          ['Which are now', formatQuantity(rule.appliesToSites, 'site')],
          ['Package Servers send out together', outboundWords(settings)],
          ['Downloads from the Notification Server', source(settings.preventNotificationServer)],
          ['Downloads from Package Servers of other sites', source(settings.preventForeignPackageServers)],
          ['Version', String(rule.version)],
          [
            'Last changed',
            <>
              <RelativeTime atMs={rule.updatedAtMs} /> by {rule.updatedBy}
            </>,
          ],
        ]}
      />
    </div>
  );
}

function Actions({ rule, rules }: { rule: SiteSettingsRule; rules: readonly SiteSettingsRule[] }) {
  const styles = useStyles();
  const mayChange = useMay('updateSiteSettings');
  const [dialog, setDialog] = useState<'none' | 'edit' | 'delete'>('none');
  const [isBusy, setIsBusy] = useState(false);
  if (!mayChange) return <Text size={200}>Administrators may change it.</Text>;
  const shown = rules.map(({ id }) => id);

  const busyWith = async (work: () => Promise<void>) => {
    setIsBusy(true);
    try {
      await work();
    } catch (error) {
      notify('error', messageOf(error));
    } finally {
      setIsBusy(false);
      setDialog('none');
    }
  };
  const move = (ids: readonly string[]) =>
    busyWith(async () => {
      // The server saves it only over the order that the person has seen.
      const body = { ids: [...ids], seen: shown };
      const { answer, changes } = await changeConsole('orderSiteSettings', { body }).catch((error: unknown) => {
        askAgain('siteSettings');
        throw error;
      });
      answers.setQueryData(questionOf('siteSettings', {}).queryKey, answer);
      askAgain('effectiveSettings');
      notifyChange(placeWords(answer, rule.id), changes);
    });
  const remove = () =>
    busyWith(async () => {
      const { changes } = await changeConsole('deleteSiteSettings', { params: { id: rule.id } });
      askAgain('siteSettings', 'effectiveSettings');
      notifyChange(`“${rule.name}” is deleted.`, changes);
      navigate(siteSettingsPage);
    });
  const mover = (label: string, icon: React.JSX.Element, by: -1 | 1) => {
    const ids = movedBy(shown, rule.id, by);
    return (
      <Tooltip content={label} relationship="label">
        <Button icon={icon} disabledFocusable={ids === null || isBusy} onClick={() => ids !== null && void move(ids)} />
      </Tooltip>
    );
  };

  return (
    <div className={styles.buttons}>
      <Button icon={<EditRegular />} onClick={() => setDialog('edit')}>
        Edit
      </Button>
      {mover('Move up', <ArrowUpRegular />, -1)}
      {mover('Move down', <ArrowDownRegular />, 1)}
      <Button icon={<DeleteRegular />} onClick={() => setDialog('delete')}>
        Delete…
      </Button>
      {dialog === 'edit' && <SiteSettingsDialog rule={rule} onClose={() => setDialog('none')} />}
      <ConfirmDialog
        open={dialog === 'delete'}
        title={`Delete “${rule.name}”?`}
        confirmLabel="Delete site settings"
        isBusy={isBusy}
        onConfirm={() => void remove()}
        onCancel={() => setDialog('none')}
      >
        {deletionWords(rule)} The audit trail can bring the rule back.
      </ConfirmDialog>
    </div>
  );
}
