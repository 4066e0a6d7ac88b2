import { Button } from '@fluentui/react-components';
import {
  ArrowClockwiseRegular,
  EditRegular,
  NextRegular,
  PauseRegular,
  PlayRegular,
  ProhibitedRegular,
} from '@fluentui/react-icons';
import { type JSX, useState } from 'react';
import type { Delivery } from '../../../shared/contracts/deliveries-api.ts';
import { askAgain } from '../../api/answers.ts';
import { callConsole, messageOf } from '../../api/console-client.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { useMay } from '../../components/use-answer.ts';
import { replaceInFeed } from '../../stores/feed-store.ts';
import { notify } from '../../stores/notice-store.ts';
import type { DeliveryDeed } from './delivery-deeds.ts';
import { deedWords, isPossible } from './delivery-deeds.ts';
import { DeliveryWizard } from './delivery-wizard.tsx';
import { isChangeable } from './delivery-words.ts';

const deeds = ['pauseDelivery', 'resumeDelivery', 'startNextStage', 'retryDelivery', 'cancelDelivery'] as const;

const icons: Record<DeliveryDeed, JSX.Element> = {
  pauseDelivery: <PauseRegular />,
  resumeDelivery: <PlayRegular />,
  startNextStage: <NextRegular />,
  retryDelivery: <ArrowClockwiseRegular />,
  cancelDelivery: <ProhibitedRegular />,
};

/** What may be done with a delivery now; each after a question that names what will happen. */
export function DeliveryActions({ delivery }: { delivery: Delivery }) {
  const mayChange = useMay('updateDelivery');
  const [asked, setAsked] = useState<DeliveryDeed | 'change' | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  if (!mayChange) return null;
  const close = () => setAsked(null);
  const act = async (deed: DeliveryDeed) => {
    setIsBusy(true);
    try {
      const after = await callConsole(deed, { params: { id: delivery.id } });
      replaceInFeed('deliveries', (list) => list.map((other) => (other.id === after.id ? after : other)));
      notify('success', deedWords(delivery, deed).done);
      close();
    } catch (error) {
      // Mostly somebody else was faster: the page behind the question shows what is true now.
      notify('error', messageOf(error));
      close();
    } finally {
      setIsBusy(false);
      askAgain('deliveryAgents', 'penetrationReport');
    }
  };
  const question = asked === null || asked === 'change' ? null : deedWords(delivery, asked);
  return (
    <>
      {isChangeable(delivery) && (
        <Button icon={<EditRegular />} onClick={() => setAsked('change')}>
          Change
        </Button>
      )}
      {deeds
        .filter((deed) => isPossible(delivery, deed))
        .map((deed) => (
          <Button key={deed} icon={icons[deed]} onClick={() => setAsked(deed)}>
            {deedWords(delivery, deed).label}
          </Button>
        ))}
      {asked === 'change' && (
        <DeliveryWizard
          delivered={{ guid: delivery.guid, version: delivery.version, name: delivery.packageName }}
          before={delivery}
          onClose={close}
        />
      )}
      {question !== null && asked !== null && asked !== 'change' && (
        <ConfirmDialog
          open
          title={question.title}
          confirmLabel={question.confirmLabel}
          cancelLabel="Leave it"
          preferred={asked === 'cancelDelivery' ? 'cancel' : 'confirm'}
          isBusy={isBusy}
          onConfirm={() => void act(asked)}
          onCancel={close}
        >
          {question.body}
        </ConfirmDialog>
      )}
    </>
  );
}
