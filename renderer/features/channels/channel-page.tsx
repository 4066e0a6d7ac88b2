import { Button, Link, Text } from '@fluentui/react-components';
import { AddRegular, DeleteRegular, DocumentAddRegular, EditRegular, PeopleRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import type { Channel } from '../../../shared/contracts/channels-api.ts';
import { changeConsole, messageOf } from '../../api/console-client.ts';
import type { PageProps } from '../../app/pages.tsx';
import { AnswerView } from '../../components/answer-view.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Facts } from '../../components/facts.tsx';
import { formatExactTime } from '../../components/format.ts';
import { useTopic } from '../../components/hooks.ts';
import { Page, Section } from '../../components/page.tsx';
import { Position } from '../../components/position.tsx';
import { useAnswer, useMay } from '../../components/use-answer.ts';
import { priorityWords } from '../../components/words.ts';
import { notify } from '../../stores/notice-store.ts';
import { navigate } from '../../stores/route-store.ts';
import { channelSaved } from './channel-changes.ts';
import { ChannelDialog } from './channel-dialog.tsx';
import { ChannelPackages } from './channel-packages.tsx';
import { ChannelReplication } from './channel-replication.tsx';
import { subscriberWords, windowWords } from './channel-words.ts';
import { ItemDialog } from './item-dialog.tsx';
import { LastManifest } from './last-manifest.tsx';
import { ManifestDialog } from './manifest-dialog.tsx';
import { SubscribersDialog } from './subscribers-dialog.tsx';

const refreshMs = 5000;

export function ChannelPage({ parameters }: PageProps) {
  const answer = useAnswer('channels', {}, { everyMs: refreshMs });
  const channel = answer.data?.find(({ id }) => id === parameters.id);
  return (
    <AnswerView answer={answer} label="Reading the channel">
      {() =>
        channel === undefined ? (
          <EmptyState
            title="There is no such channel"
            titleAs="h1"
            action={<Link href="#/channels">All channels</Link>}
          >
            It may have been deleted; the audit trail says by whom.
          </EmptyState>
        ) : (
          <ChannelContent channel={channel} />
        )
      }
    </AnswerView>
  );
}

function ChannelContent({ channel }: { channel: Channel }) {
  const sites = useTopic('sites') ?? [];
  const mayChange = useMay('updateChannel');
  const [dialog, setDialog] = useState<'none' | 'edit' | 'add' | 'manifest' | 'subscribers' | 'delete'>('none');
  const close = () => setDialog('none');
  return (
    <Page
      title={channel.name}
      above={<Position list="Channels" path="/channels" name={channel.name} />}
      {...(channel.description === '' ? {} : { description: channel.description })}
      actions={
        mayChange && (
          <>
            <Button appearance="primary" icon={<AddRegular />} onClick={() => setDialog('add')}>
              Add package
            </Button>
            <Button icon={<DocumentAddRegular />} onClick={() => setDialog('manifest')}>
              Import manifest
            </Button>
            <Button icon={<PeopleRegular />} onClick={() => setDialog('subscribers')}>
              Subscribers
            </Button>
            <Button icon={<EditRegular />} onClick={() => setDialog('edit')}>
              Change
            </Button>
            <Button icon={<DeleteRegular />} onClick={() => setDialog('delete')}>
              Delete…
            </Button>
          </>
        )
      }
    >
      <Section title="Channel">
        <Facts
          facts={[
            ['Priority', priorityWords[channel.priority]],
            ['Copied', windowWords(channel)],
            ['Changed', formatExactTime(channel.updatedAtMs)],
            ['Changed by', channel.updatedBy],
          ]}
        />
        <Text>{subscriberWords(channel, sites)}</Text>
      </Section>
      <ChannelPackages channel={channel} />
      <LastManifest channel={channel} />
      <ChannelReplication channel={channel} />
      {dialog === 'edit' && <ChannelDialog channel={channel} onClose={close} />}
      {dialog === 'add' && <ItemDialog channel={channel} item={null} onClose={close} />}
      {dialog === 'manifest' && <ManifestDialog channel={channel} onClose={close} />}
      {dialog === 'subscribers' && <SubscribersDialog channel={channel} onClose={close} />}
      {dialog === 'delete' && <DeleteDialog channel={channel} onClose={close} />}
    </Page>
  );
}

function DeleteDialog({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const [isBusy, setIsBusy] = useState(false);
  const remove = async () => {
    setIsBusy(true);
    try {
      const { changes } = await changeConsole('deleteChannel', { params: { id: channel.id } });
      navigate('/channels');
      channelSaved(`“${channel.name}” is deleted.`, changes);
    } catch (error) {
      notify('error', messageOf(error));
      onClose();
    }
  };
  return (
    <ConfirmDialog
      open
      title={`Delete “${channel.name}”?`}
      confirmLabel="Delete channel"
      isBusy={isBusy}
      onConfirm={() => void remove()}
      onCancel={onClose}
    >
      Package Servers keep what they hold until nobody has used it for long enough. The audit trail can bring the
      channel back.
    </ConfirmDialog>
  );
}
