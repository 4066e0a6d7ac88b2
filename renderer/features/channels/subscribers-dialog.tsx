import { Checkbox } from '@fluentui/react-components';
import { useState } from 'react';
import type { AgentId } from '../../../shared/base/ids.ts';
import type { Channel } from '../../../shared/contracts/channels-api.ts';
import { changeConsole } from '../../api/console-client.ts';
import { AnswerView } from '../../components/answer-view.tsx';
import { CheckList } from '../../components/check-list.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { useTopic } from '../../components/hooks.ts';
import { useAnswer } from '../../components/use-answer.ts';
import { channelSaved, contentOf } from './channel-changes.ts';

export function SubscribersDialog({ channel, onClose }: { channel: Channel; onClose: () => void }) {
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
      <CheckList
        legend="Package Servers of these sites"
        items={sites}
        chosen={siteIds}
        onChange={setSiteIds}
        isDisabled={all}
        empty="There are no sites."
      />
      <AnswerView answer={servers} label="Reading the Package Servers">
        {(list) => (
          <CheckList
            legend="Single Package Servers"
            items={list.map(({ agentId, name }) => ({ id: agentId, name }))}
            chosen={agentIds}
            onChange={setAgentIds}
            isDisabled={all}
            empty="No agent is a Package Server yet."
          />
        )}
      </AnswerView>
    </FormDialog>
  );
}
