import { Checkbox, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import type { AgentId } from '../../../shared/base/ids.ts';
import type { Channel } from '../../../shared/contracts/channels-api.ts';
import { changeConsole } from '../../api/console-client.ts';
import { AnswerView } from '../../components/answer-view.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { useTopic } from '../../components/hooks.ts';
import { useAnswer } from '../../components/use-answer.ts';
import { channelSaved, contentOf } from './channel-changes.ts';

const useStyles = makeStyles({
  group: { margin: 0, padding: 0, border: 'none', minWidth: 0 },
  legend: { padding: '0 0 4px' },
  list: { display: 'flex', flexDirection: 'column', maxHeight: '180px', overflowY: 'auto' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

function toggled<Item>(items: readonly Item[], item: Item, isIn: boolean): Item[] {
  const others = items.filter((other) => other !== item);
  return isIn ? [...others, item] : others;
}

export function SubscribersDialog({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const styles = useStyles();
  const sites = useTopic('sites') ?? [];
  const servers = useAnswer('packageServers', {});
  const [all, setAll] = useState(channel.subscribers.all);
  const [siteIds, setSiteIds] = useState<readonly string[]>(channel.subscribers.siteIds);
  const [agentIds, setAgentIds] = useState<readonly AgentId[]>(channel.subscribers.agentIds);
  const submit = async () => {
    const subscribers = { all, siteIds: [...siteIds], agentIds: [...agentIds] };
    const { changes } = await changeConsole('updateChannel', {
      params: { id: channel.id },
      body: { ...contentOf(channel), subscribers, version: channel.version },
    });
    channelSaved(`The subscribers of “${channel.name}” are saved.`, changes);
  };
  return (
    <FormDialog
      title={`Who keeps “${channel.name}”?`}
      submitLabel="Save subscribers"
      typed={{ all, siteIds, agentIds }}
      onCheck={() => true}
      onSubmit={submit}
      onClose={onClose}
    >
      <Checkbox
        checked={all}
        label="Every Package Server, those that come later included"
        onChange={(_event, data) => setAll(data.checked === true)}
      />
      <fieldset className={styles.group}>
        <legend className={styles.legend}>Package Servers of these sites</legend>
        <div className={styles.list}>
          {sites.length === 0 && <Text className={styles.quiet}>There are no sites.</Text>}
          {sites.map(({ id, name }) => (
            <Checkbox
              key={id}
              disabled={all}
              checked={siteIds.includes(id)}
              label={name}
              onChange={(_event, data) => setSiteIds(toggled(siteIds, id, data.checked === true))}
            />
          ))}
        </div>
      </fieldset>
      <fieldset className={styles.group}>
        <legend className={styles.legend}>Single Package Servers</legend>
        <div className={styles.list}>
          <AnswerView answer={servers} label="Reading the Package Servers">
            {(list) =>
              list.length === 0 ? (
                <Text className={styles.quiet}>No agent is a Package Server yet.</Text>
              ) : (
                list.map(({ agentId, name }) => (
                  <Checkbox
                    key={agentId}
                    disabled={all}
                    checked={agentIds.includes(agentId)}
                    label={name}
                    onChange={(_event, data) => setAgentIds(toggled(agentIds, agentId, data.checked === true))}
                  />
                ))
              )
            }
          </AnswerView>
        </div>
      </fieldset>
    </FormDialog>
  );
}
